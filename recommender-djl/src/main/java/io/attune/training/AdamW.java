package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.TorchScript;
import io.attune.vector.NotFiniteException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay and clipping of the gradient's global norm, one fused pass over
 * each array.
 *
 * <p>Source: Kingma and Ba 2015, algorithm 1, with β₁ 0.9, β₂ 0.999, ε 1e-8; Loshchilov and Hutter
 * 2019, algorithm 2. Clipping: Pascanu, Mikolov and Bengio 2013, algorithm 1; DJL's own clips each
 * element, and only from above.
 */
final class AdamW {
  private static final String KERNELS = """
        def norm(self: __torch__.M, grads: List[Tensor]) -> Tensor:
          return torch.norm(torch.stack(torch._foreach_norm(grads, 2)), 2)
        def step(self: __torch__.M, params: List[Tensor], grads: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], divisor: Tensor, lr: float, decay: float) -> Tensor:
          none = annotate(List[Tensor], [])
          _0 = torch._fused_adamw_(params, grads, m, v, none, steps, lr=lr, beta1=0.9, beta2=0.999, weight_decay=decay, eps=1.0e-8, amsgrad=False, maximize=False, grad_scale=divisor)
          return divisor
        def gather(self: __torch__.M, table: Tensor, rows: Tensor) -> Tensor:
          return torch.index_select(table, 0, rows)
        def put(self: __torch__.M, table: Tensor, rows: Tensor, values: Tensor) -> Tensor:
          return torch.index_copy_(table, 0, rows, values)
      """;

  private final TorchScript kernels;
  private final List<NDArray> parameters;
  private final Map<String, NDArray> moments = new LinkedHashMap<>();
  private final List<NDArray> first = new ArrayList<>();
  private final List<NDArray> second = new ArrayList<>();
  private final NDManager manager;
  private long steps;

  /**
   * Prepares the moments, all zero.
   *
   * @param manager owner of the moments
   * @param parameters what is optimized, by name
   */
  AdamW(NDManager manager, Map<String, NDArray> parameters) {
    this.manager = manager;
    this.kernels = new TorchScript(manager, KERNELS);
    this.parameters = List.copyOf(parameters.values());
    parameters.forEach((name, array) -> {
      first.add(manager.zeros(array.getShape()));
      second.add(manager.zeros(array.getShape()));
      moments.put(name + ".m", first.getLast());
      moments.put(name + ".v", second.getLast());
    });
  }

  /** The moments by name, for a checkpoint. */
  Map<String, NDArray> moments() {
    return moments;
  }

  /** Steps made so far; set from a checkpoint. */
  long steps() {
    return steps;
  }

  void setSteps(long steps) {
    this.steps = steps;
  }

  /**
   * The gradient of a parameter, in the order of the parameters.
   *
   * @param values of the parameter's shape, or of {@code rows} of it; changed in place
   * @param rows int64 (R): the rows that the gradient is of, each once; null for all. Other rows
   *     and their moments stay as they are (LazyAdam), also where Adam would let old moments move
   *     them
   */
  record Gradient(NDArray values, @Nullable NDArray rows) {
    static Gradient all(NDArray values) {
      return new Gradient(values, null);
    }
  }

  /**
   * Makes a step.
   *
   * @param gradients one for each parameter
   * @param clip the largest global norm of the gradient, which is scaled down to it
   * @return the global norm before clipping
   * @throws ArithmeticException when that norm is not finite
   */
  float step(List<Gradient> gradients, double rate, double decay, double clip) {
    try (NDManager step = manager.newSubManager()) {
      List<NDArray> values = gradients.stream().map(Gradient::values).toList();
      float norm = kernels.call(step, "norm", values).singletonOrThrow().getFloat();
      if (!Float.isFinite(norm)) {
        throw new NotFiniteException(
            "the gradient's norm is " + norm + " at step " + (steps + 1) + ": training diverged");
      }
      steps++;
      NDArray divisor = step.full(new Shape(), (float) Math.max(1, norm / clip));
      NDArray count = step.full(new Shape(), (float) steps);
      List<NDArray> counts = Collections.nCopies(parameters.size(), count);
      List<NDArray> p = gathered(step, parameters, gradients);
      List<NDArray> m = gathered(step, first, gradients);
      List<NDArray> v = gathered(step, second, gradients);
      kernels.call(step, "step", p, values, m, v, counts, divisor, rate, decay);
      putBack(step, p, parameters, gradients);
      putBack(step, m, first, gradients);
      putBack(step, v, second, gradients);
      return norm;
    }
  }

  private List<NDArray> gathered(NDManager step, List<NDArray> arrays, List<Gradient> gradients) {
    List<NDArray> parts = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      NDArray rows = gradients.get(i).rows();
      NDArray all = arrays.get(i);
      parts.add(rows == null ? all : kernels.call(step, "gather", all, rows).singletonOrThrow());
    }
    return parts;
  }

  private void putBack(
      NDManager step, List<NDArray> parts, List<NDArray> arrays, List<Gradient> gradients) {
    for (int i = 0; i < arrays.size(); i++) {
      NDArray rows = gradients.get(i).rows();
      if (rows != null) {
        kernels.call(step, "put", arrays.get(i), rows, parts.get(i));
      }
    }
  }
}
