# Steps of the examples, which read this file: each says what it does, and ends with the example.

child=

say() { printf 'example: %s\n' "$1" >&2; }

# Ends a process and all that it started.
end_tree() {
  for started in $(ps -e -o pid= -o ppid= 2>/dev/null | awk -v parent="$1" '$2 == parent { print $1 }'); do
    end_tree "$started"
  done
  kill "$1" 2>/dev/null || :
}

# Ends the step that runs, and the example with exit code $1.
end() {
  trap '' INT TERM HUP
  if [ -n "$child" ]; then
    end_tree "$child"
    wait "$child" 2>/dev/null || :
  fi
  exit "$1"
}

trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM

# Runs a command as a step. In the background, since a shell heeds no signal while it is in the foreground.
step() {
  "$@" &
  child=$!
  wait "$child"
  child=
}

# Makes the simulated shop with its model in folder $1, unless it is there.
make_shop() {
  [ ! -f "$1/model/manifest.json" ] || return 0
  say 'making a simulated shop and training its model (some two minutes, once)'
  step "$home/attune" quickstart --out "$1" >&2
}

# Builds a module for its example, and writes into file $2 how to start that: the folder of a JDK, and a class path.
build() {
  say "building $1 with Maven (a minute or two; libraries are downloaded the first time)"
  export MAVEN_OPTS="${MAVEN_OPTS:-} -Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.event.ExecutionEventLogger=info"
  mkdir -p "$(dirname "$2")"
  rm -f "$2"
  step mvn -q -B -ntp -Pengines -Dattune.gates=off -Dspotless.check.skip -Dmaven.javadoc.skip -DskipTests -DskipITs \
    -Dexample.skip=false -Dexample.launch="$2" verify -pl "$1" -am >&2
  java=$(sed -n 1p "$2")/bin/java
  class_path=$(sed -n 2p "$2")
}
