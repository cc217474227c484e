package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Functions over tensors written in TorchScript's serialized form: every operator of the engine, in
 * place and fused ones included, of which DJL's own interface has only a part. A call costs some 20
 * microseconds.
 *
 * <p>Calls run in the engine's inference mode: they are not recorded for a backward pass, and a
 * tensor that they return cannot take part in one. What a backward pass needs is written into an
 * array that the caller made.
 *
 * <p>The engine loads a module from a zip file of four entries; a module without parameters is
 * small enough to be written here by hand.
 */
public final class TorchScript implements AutoCloseable {
  private final PtSymbolBlock module;

  /**
   * Loads functions.
   *
   * @param manager owner of the module
   * @param methods method definitions as in a serialized module, indented by two spaces, each with
   *     {@code self: __torch__.M} as first parameter
   */
  public TorchScript(NDManager manager, String methods) {
    String code = """
        class M(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.M, x: Tensor) -> Tensor:
            return x
        """ + methods;
    try {
      module = JniUtils.loadModule(
          (PtNDManager) manager, new ByteArrayInputStream(archive(code)), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls a method.
   *
   * @param into the manager that will own the results
   * @param method its name
   * @param arguments in order: {@link NDArray}, a list of them, {@link Double}, {@link Long} or
   *     {@link Boolean}
   * @return the resulting tensors
   */
  public NDList call(NDManager into, String method, Object... arguments) {
    IValue[] values = new IValue[arguments.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(arguments[i]);
    }
    try (IValue result = IValueUtils.runMethod(module, method, values)) {
      return result.toNDList((PtNDManager) into);
    } finally {
      for (IValue value : values) {
        value.close();
      }
    }
  }

  private static IValue value(Object argument) {
    return switch (argument) {
      case PtNDArray array -> IValue.from(array);
      case List<?> arrays -> IValue.listFrom(arrays.toArray(new PtNDArray[0]));
      case Double number -> IValue.from(number);
      case Long number -> IValue.from(number);
      case Boolean flag -> IValue.from(flag);
      default -> throw new IllegalArgumentException("not an argument: " + argument.getClass());
    };
  }

  @Override
  public void close() {
    module.close();
  }

  private static byte[] archive(String code) throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    // Protocol 2; an object of class __torch__.M, built without arguments, whose state is the
    // dictionary {"training": True}.
    pickle.write(new byte[] {(byte) 0x80, 2});
    pickle.write("c__torch__\nM\n)".getBytes(StandardCharsets.US_ASCII));
    pickle.write(new byte[] {(byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
    pickle.write("training".getBytes(StandardCharsets.US_ASCII));
    pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'});

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "m/data.pkl", pickle.toByteArray());
      store(zip, "m/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      store(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      store(zip, "m/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
