/**
 * Benchmarks (JMH). They are not part of the default build; this builds what they need and runs
 * those whose name matches:
 *
 * <pre>{@code
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark='Rescoring -f 1 -wi 3 -i 5'
 * }</pre>
 *
 * <p>After {@code -Dbenchmark=} stands JMH's command line: a pattern and its options; {@code -l}
 * lists what there is. A benchmark that needs a package's internals lives here in a package of the
 * same name.
 */
@NullMarked
package io.attune.benchmark;

import org.jspecify.annotations.NullMarked;
