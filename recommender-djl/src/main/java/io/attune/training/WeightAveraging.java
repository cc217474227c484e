package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.attune.encoder.TorchScript;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stochastic weight averaging: the means of the weights over the last steps, which generalise
 * better than the weights after any one of them.
 *
 * <p>Source: Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better
 * Generalization", algorithm 1. Differs from the paper: the rate keeps falling as it would, and
 * there are no batch statistics to recompute.
 */
final class WeightAveraging {
  private static final String KERNELS = """
        def add(self: __torch__.M, means: List[Tensor], now: List[Tensor], share: float) -> Tensor:
          _0 = torch._foreach_lerp_(means, now, share)
          return means[0]
        def exchange(self: __torch__.M, mean: Tensor, now: Tensor) -> Tensor:
          kept = torch.clone(now)
          _0 = torch.copy_(now, mean)
          return torch.copy_(mean, kept)
      """;

  private final NDManager manager;
  private final TorchScript kernels;
  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> means =
      new LinkedHashMap<>(); // empty until something is added
  private int count;

  /**
   * Empty averages, which take no memory until the first weights are added.
   *
   * @param manager owner of the means
   * @param parameters what is averaged, by name
   */
  WeightAveraging(NDManager manager, Map<String, NDArray> parameters) {
    this.manager = manager;
    this.kernels = new TorchScript(manager, KERNELS);
    this.parameters = Map.copyOf(parameters);
  }

  /** How many states were added; set from a checkpoint. */
  int count() {
    return count;
  }

  /** Continues with means that are put into {@link #means} then. */
  void setCount(int count) {
    this.count = count;
    if (count > 0 && means.isEmpty()) {
      parameters.forEach(
          (name, array) -> means.put(name + ".mean", manager.zeros(array.getShape())));
    }
  }

  /** The means by name, for a checkpoint; empty before the first. */
  Map<String, NDArray> means() {
    return means;
  }

  /** Adds the present state. */
  void add() {
    setCount(count + 1);
    List<NDArray> all = List.copyOf(means.values());
    List<NDArray> now = means.keySet().stream().map(this::parameter).toList();
    call("add", all, now, 1.0 / count);
  }

  /** Puts the means where the weights are and keeps these instead; a second call undoes it. */
  void exchange() {
    means.forEach((name, mean) -> call("exchange", mean, parameter(name)));
  }

  private NDArray parameter(String mean) {
    String name = mean.substring(0, mean.length() - ".mean".length());
    NDArray array = parameters.get(name);
    if (array == null) {
      throw new IllegalStateException("there is no weight " + name);
    }
    return array;
  }

  private void call(String kernel, Object... arguments) {
    try (NDManager results = manager.newSubManager()) {
      NDList ignored = kernels.call(results, kernel, arguments);
      ignored.detach();
      ignored.close();
    }
  }
}
