The libraries in lib/ and their licences. Apache-2.0 is the LICENSE beside this file; the notices of a library lie in
its jar, under META-INF.

<#list dependencyMap as e>
${(e.key.artifactId + "-" + e.key.version)?right_pad(38)}${e.value?join(" or ")?right_pad(34)}${e.key.url!}
</#list>

Some of them carry native code of others:

pytorch-native-cpu   libtorch      BSD-3-Clause          https://github.com/pytorch/pytorch, where LICENSE and NOTICE
                                                         also name what it is built from
                     oneMKL        Intel Simplified Software License   https://www.intel.com/oneapi
                     libgomp       GPL-3.0 with the GCC Runtime Library Exception   https://gcc.gnu.org
zstd-jni             Zstandard     BSD-3-Clause          https://github.com/facebook/zstd
                                                         Copyright (c) Meta Platforms, Inc. and affiliates
snappy-java          Snappy        BSD-3-Clause          https://github.com/google/snappy
                                                         Copyright 2011, Google Inc.
native-*             Brotli        MIT                   https://github.com/google/brotli
                                                         Copyright (c) the Brotli Authors
lz4-java             LZ4           BSD-2-Clause          https://github.com/lz4/lz4
                                                         Copyright (c) Yann Collet
jna                  libffi        MIT                   https://github.com/libffi/libffi
                                                         Copyright (c) Anthony Green, Red Hat, Inc and others

zstd-jni itself, whose jar has no licence in it: Copyright (c) 2015-present, Luben Karavelov.


BSD-2-Clause, BSD-3-Clause

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.

3. (BSD-3-Clause only) Neither the name of the copyright holder nor the names of its contributors may be used to endorse
   or promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF
THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.


MIT

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
