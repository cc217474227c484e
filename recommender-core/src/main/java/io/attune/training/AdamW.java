package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.TorchScript;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
   * Makes a step.
   *
   * @param gradients in the order of the parameters; changed in place
   * @param clip the largest global norm of the gradient, which is scaled down to it
   * @return the global norm before clipping
   * @throws ArithmeticException when that norm is not finite
   */
  float step(List<NDArray> gradients, double rate, double decay, double clip) {
    try (NDManager step = manager.newSubManager()) {
      float norm = kernels.call(step, "norm", gradients).singletonOrThrow().getFloat();
      if (!Float.isFinite(norm)) {
        throw new ArithmeticException(
            "the gradient's norm is " + norm + " at step " + (steps + 1) + ": training diverged");
      }
      steps++;
      NDArray divisor = step.full(new Shape(), (float) Math.max(1, norm / clip));
      NDArray count = step.full(new Shape(), (float) steps);
      List<NDArray> counts = Collections.nCopies(parameters.size(), count);
      kernels.call(
          step, "step", parameters, gradients, first, second, counts, divisor, rate, decay);
      return norm;
    }
  }
}
