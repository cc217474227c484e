package io.attune.server;

import io.attune.serving.SessionMeters;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The server's meters: requests by path and status, sessions, models, memory. */
final class ServerMeters {
  private static final Duration[] BUCKETS = LongStream.of(
          1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
      .mapToObj(Duration::ofMillis)
      .toArray(Duration[]::new);

  private final MeterRegistry registry = new SimpleMeterRegistry();

  /**
   * Meters of a service.
   *
   * @param underWay number of requests under way
   */
  ServerMeters(SessionService service, Supplier<Number> underWay) {
    new SessionMeters(service.states(), List.of()).bindTo(registry);
    Gauge.builder("attune.requests.active", underWay)
        .description("Requests under way")
        .strongReference(true)
        .register(registry);
    Gauge.builder("attune.visits", service, s -> s.sessions().size())
        .description("Sessions whose clicks are kept")
        .register(registry);
    FunctionCounter.builder("attune.model.changes", service, SessionService::switches)
        .description("Models that came into use since the start")
        .register(registry);
    FunctionCounter.builder("attune.model.failures", service, SessionService::failures)
        .description("Newer models or indexes that could not be opened")
        .register(registry);
    FunctionCounter.builder("attune.event.failures", service, SessionService::eventFailures)
        .description("Requests whose events could not be logged")
        .register(registry);
    Gauge.builder("attune.heap.used", Runtime.getRuntime(), r -> r.totalMemory() - r.freeMemory())
        .baseUnit("bytes")
        .description("Heap in use, with what is not yet collected")
        .register(registry);
  }

  /**
   * Counts a request.
   *
   * @param path of the endpoint, with a placeholder for ids
   * @param status 0 if the client did not wait for the answer
   */
  void request(String path, int status, long nanos) {
    Timer.builder("attune.requests")
        .description("Requests by path and status")
        .tags("path", path, "status", Integer.toString(status))
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** All meters in the text format of Prometheus. */
  String text() {
    return PrometheusText.of(registry);
  }
}
