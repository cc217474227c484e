package io.attune.encoder;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.LibUtils;
import io.attune.model.ComputeDevice;
import io.attune.model.NoEngineException;
import io.attune.model.NoGpuException;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The PyTorch engine: how it is started, and which device it computes on. */
public final class Torch {
  private static final String ENGINE = "PyTorch";
  private static final Pattern BFLOAT16 = Pattern.compile("\\b(avx512_bf16|amx_bf16)\\b");
  private static final String THREADS = "ai.djl.pytorch.num_threads";

  /** What must be there to start the engine that an application brings along. */
  private static final String BUNDLED =
      " (needed: ai.djl.pytorch:pytorch-jni, pytorch-native-cpu with the classifier of this"
          + " platform, which an archive of Attune has in its name, and a folder to unpack it"
          + " into, ~/.djl.ai or DJL_CACHE_DIR)";

  /** What must be there to start the engine of PYTORCH_LIBRARY_PATH. */
  private static final String OWN =
      " (PYTORCH_LIBRARY_PATH is set; needed: in PYTORCH_FLAVOR the name of that PyTorch's build,"
          + " such as cu128 or cpu, and the libraries that it was built with)";

  private Torch() {}

  /**
   * Resolves {@link ComputeDevice#AUTO} to the device that is there.
   *
   * @throws NoGpuException when a GPU is asked for and the engine sees none
   */
  public static ComputeDevice resolve(ComputeDevice choice) {
    // What PyTorch itself says. DJL's count of GPUs needs CUDA's runtime in a place of its own.
    boolean gpu = engine().hasCapability(StandardCapabilities.CUDA);
    return switch (choice) {
      case CPU -> ComputeDevice.CPU;
      case AUTO -> gpu ? ComputeDevice.GPU : ComputeDevice.CPU;
      case GPU -> {
        if (!gpu) {
          throw new NoGpuException("no GPU: PyTorch "
              + engine().getVersion()
              + " in "
              + LibUtils.getLibtorchPath()
              + " sees none; use --device cpu or auto, or name a PyTorch built for CUDA with"
              + " PYTORCH_LIBRARY_PATH and PYTORCH_FLAVOR");
        }
        yield ComputeDevice.GPU;
      }
    };
  }

  /**
   * Has the engine compute each call on the calling thread, for callers with threads of their own:
   * engine threads that wait for each other are slow on a busy machine. Does nothing once the
   * engine has started, or where the property is already set.
   */
  public static void computeOnCallingThread() {
    if (System.getProperty(THREADS) == null) {
      System.setProperty(THREADS, "1");
    }
  }

  /** A root manager on a device; its owner closes it, which frees all that hangs below. */
  public static NDManager manager(ComputeDevice device) {
    Device where = resolve(device) == ComputeDevice.GPU ? Device.gpu() : Device.cpu();
    return NDManager.newBaseManager(where, ENGINE);
  }

  /** A copy of an array of floats, on whatever device it is, that nothing native belongs to. */
  public static Tensor tensor(NDArray array) {
    // The engine reads from a GPU through a copy on the CPU, which it leaves with the array's
    // owner.
    try (NDManager reading = array.getManager().newSubManager()) {
      NDArray view = array.stopGradient();
      view.attach(reading);
      return new Tensor(view.getShape().getShape(), view.toFloatArray());
    }
  }

  /** Seeds the engine's own randomness, which is dropout's. */
  public static void seed(long seed) {
    // The engine takes 32 bits.
    engine().setRandomSeed((int) (seed ^ (seed >>> 32)));
  }

  /**
   * Whether the processor has instructions for sums of bfloat16 products; without them they take
   * many times longer than those of float32. Known on Linux only.
   */
  static boolean multipliesBfloat16() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.anyMatch(
          line -> line.startsWith("flags") && BFLOAT16.matcher(line).find());
    } catch (IOException | UncheckedIOException e) {
      return false; // not Linux
    }
  }

  private static Engine engine() {
    // Nothing is downloaded or reported over the network, whatever the application has set.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return Engine.getEngine(ENGINE);
    } catch (EngineException | LinkageError e) {
      Throwable cause = e.getCause(); // it names the library that is missing
      throw new NoEngineException(
          "PyTorch cannot be started on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + e.getMessage()
              + (cause == null ? "" : ": " + cause.getMessage())
              + (System.getenv("PYTORCH_LIBRARY_PATH") == null ? BUNDLED : OWN),
          e);
    }
  }
}
