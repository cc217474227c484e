package io.attune.serving;
