package io.attune;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The walls of the libraries. A rule over a package stays quiet while the package has no sources,
 * and fails as soon as it has sources and the rule sees no class.
 */
class ArchitectureTest {

  private static final List<Path> SOURCES = Stream.of(
          "sessions",
          "session-loader",
          "recommender-core",
          "recommender-djl",
          "recommender-offline",
          "lucene-plugin",
          "server")
      .map(module -> Path.of("..", module, "src/main/java"))
      .toList();

  private static final String ENCODER = "io.attune.encoder";
  private static final String TRAINING = "io.attune.training";
  private static final String TUNING = "io.attune.tuning";

  private static final JavaClasses LIBRARIES = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .withImportOption(location ->
          !location.contains("/io/attune/cli/") && !location.contains("/io/attune/examples/"))
      .importPackages("io.attune");

  @Test
  void everySourceFileOfTheLibrariesIsAmongTheClassesSeen() {
    Stream<String> sources = SOURCES.stream().flatMap(ArchitectureTest::typesIn);

    assertThat(LIBRARIES.stream().map(JavaClass::getName)).containsAll(sources.toList());
  }

  @Test
  void tensorsStayInEncoderAndTraining() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ENCODER + "..", TRAINING + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .because("evaluation, baselines and serving see plain arrays only")
        .allowEmptyShould(!hasSources("io.attune"))
        .check(LIBRARIES);
  }

  @Test
  void nothingElseReachesTheEngine() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ENCODER + "..", TRAINING + "..", TUNING + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", ENCODER + "..", TRAINING + "..", TUNING + "..")
        .because("a search node, or an executor, must not load libtorch")
        .allowEmptyShould(!hasSources("io.attune"))
        .check(LIBRARIES);
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    slices()
        .matching("io.attune.(*)..")
        .should()
        .beFreeOfCycles()
        .because("one reads a package after those it is built on")
        .check(LIBRARIES);
  }

  @Test
  void tensorsAreNotScaledByANumber() {
    noClasses()
        .that()
        .resideInAnyPackage(ENCODER + "..", TRAINING + "..")
        .should()
        .accessTargetWhere(scalesATensorByANumber())
        .because("DJL frees the number's buffer before the backward pass reads it, and the gradient"
            + " is then garbage, silently; multiply by manager.full(...) or fold the factor into a"
            + " weight")
        .allowEmptyShould(!hasSources(ENCODER) && !hasSources(TRAINING))
        .check(LIBRARIES);
  }

  @Test
  void librariesNeitherPrintNorExit() {
    noLibraryClassAccesses(
            "prints or ends the process",
            access -> isOneOf(access, System.class, "out", "err", "in", "exit")
                || isOneOf(access, Runtime.class, "exit", "halt")
                || (access.getName().equals("printStackTrace") && takesNothing(access)))
        .because("a library returns, throws or reports through what it was given")
        .check(LIBRARIES);
  }

  @Test
  void librariesAreHandedTheirClock() {
    noLibraryClassAccesses(
            "reads the clock",
            access -> isOneOf(access, System.class, "currentTimeMillis", "nanoTime")
                || isOneOf(access, InstantSource.class, "system")
                || (owner(access).startsWith("java.time.")
                    && access.getName().equals("now")
                    && !takes(access, "java.time.Clock"))
                || (owner(access).equals("java.time.Clock")
                    && (access.getName().startsWith("system")
                        || access.getName().startsWith("tick")))
                || (owner(access).equals("java.util.Date") && isEmptyConstructor(access)))
        .because("time is an argument, so that a test can set it")
        .check(LIBRARIES);
  }

  @Test
  void librariesAreHandedTheirRandomness() {
    Set<String> seedable =
        Set.of("java.util.Random", "java.util.SplittableRandom", "java.security.SecureRandom");
    noLibraryClassAccesses(
            "draws from a source without a seed",
            access -> isOneOf(access, Math.class, "random")
                || isOneOf(access, UUID.class, "randomUUID")
                || isOneOf(access, ThreadLocalRandom.class, "current")
                || isOneOf(access, RandomGenerator.class, "getDefault", "of")
                || (owner(access).equals("java.util.random.RandomGeneratorFactory")
                    && access.getName().equals("create")
                    && takesNothing(access))
                || (isOneOf(access, Collections.class, "shuffle")
                    && parameters(access).size() == 1)
                || (seedable.contains(owner(access)) && isEmptyConstructor(access)))
        .because("the same seed gives the same model")
        .check(LIBRARIES);
  }

  @Test
  void nothingIsSerializedByJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class)
        .because("a file from elsewhere must not choose which classes are loaded")
        .allowEmptyShould(!hasSources("io.attune"))
        .check(LIBRARIES);
  }

  private static ArchRule noLibraryClassAccesses(
      String description, Predicate<JavaAccess<?>> forbidden) {
    return noClasses()
        .should()
        .accessTargetWhere(DescribedPredicate.describe(description, forbidden))
        .allowEmptyShould(!hasSources("io.attune"));
  }

  private static DescribedPredicate<JavaAccess<?>> scalesATensorByANumber() {
    Set<String> scaling = Set.of("mul", "div", "pow", "muli", "divi", "powi");
    Set<String> owners = Set.of("ai.djl.ndarray.NDArray", "ai.djl.ndarray.NDArrays");
    return DescribedPredicate.describe(
        "a tensor is scaled by a java.lang.Number",
        access -> scaling.contains(access.getName())
            && (owners.contains(owner(access))
                || access.getTargetOwner().isAssignableTo("ai.djl.ndarray.NDArray"))
            && takes(access, "java.lang.Number"));
  }

  private static boolean isOneOf(JavaAccess<?> access, Class<?> owner, String... names) {
    return owner(access).equals(owner.getName()) && List.of(names).contains(access.getName());
  }

  private static boolean isEmptyConstructor(JavaAccess<?> access) {
    return access.getName().equals("<init>") && takesNothing(access);
  }

  private static boolean takesNothing(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget
        && parameters(access).isEmpty();
  }

  private static boolean takes(JavaAccess<?> access, String type) {
    return parameters(access).contains(type);
  }

  private static List<String> parameters(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        ? target.getRawParameterTypes().stream().map(JavaClass::getName).toList()
        : List.of();
  }

  private static String owner(JavaAccess<?> access) {
    return access.getTargetOwner().getName();
  }

  private static boolean hasSources(String packageName) {
    return SOURCES.stream()
        .map(root -> root.resolve(packageName.replace('.', '/')))
        .anyMatch(folder -> typesIn(folder).findAny().isPresent());
  }

  /** The fully qualified names of the source files below a root of sources. */
  private static Stream<String> typesIn(Path root) {
    if (!Files.isDirectory(root)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".java") && !name.endsWith("-info.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .map(name -> name.replace('/', '.').replace('\\', '.'))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
