// swift-tools-version: 6.2
import PackageDescription

// Arithmetic is bit-identical everywhere only if no compiler fuses a multiply with an add (docs/arithmetic.md).
let exactC: [CSetting] = [.unsafeFlags(["-ffp-contract=off", "-fno-math-errno", "-O3"])]

/// A module of the device side: no Foundation, no allocation, built as ordinary Swift for the host and as Embedded Swift for boards.
func device(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies)
}

/// A module of the converter, host only.
func host(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude)
}

let package = Package(
  name: "spindrift",
  products: [
    .library(name: "Spindrift", type: .static, targets: ["Spindrift"]),
    .executable(name: "spindrift", targets: ["SpindriftCLI"]),
    .executable(name: "spindrift-run", targets: ["SpindriftRunMain"]),
    .executable(name: "spindriftd", targets: ["SpindriftDaemonMain"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // Device side, lowest first.
    .target(name: "CDriftFormat"),
    .target(name: "CDriftKernels", cSettings: exactC),
    .target(name: "CDriftPlatform"),
    device("DriftFormat", ["CDriftFormat"]),
    device("DriftRuntime", ["DriftFormat", "CDriftKernels", "CDriftPlatform"]),
    .target(name: "CSpindrift"),
    device("Spindrift", ["CSpindrift", "DriftFormat", "DriftRuntime", "CDriftPlatform"]),
    device("DriftTool", ["DriftFormat", "CDriftPlatform"]),
    device("SpindriftRun", ["Spindrift", "DriftTool", "DriftRuntime", "DriftFormat", "CDriftPlatform"]),
    .executableTarget(name: "SpindriftRunMain", dependencies: ["SpindriftRun"]),
    device("SpindriftDaemon", ["Spindrift", "CSpindrift", "DriftTool", "DriftRuntime", "DriftFormat", "CDriftPlatform"]),
    .executableTarget(name: "SpindriftDaemonMain", dependencies: ["SpindriftDaemon"]),

    // Host side, in the order in which a checkpoint passes through it.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CArmadillo", linkerSettings: [.linkedLibrary("armadillo")]),
    host("DriftGraph", []),
    .target(
      name: "DriftONNX", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Schema/onnx_subset.proto"]),
    host("DriftImport", ["DriftGraph", "DriftONNX"]),
    host("DriftReference", ["DriftGraph", "DriftImport", "DriftRuntime", "COpenBLAS"]),
    host("DriftCalibration", ["DriftGraph", "DriftReference", "DriftFormat", "DriftRuntime"]),
    host(
      "DriftQuantization",
      ["DriftGraph", "DriftReference", "DriftCalibration", "DriftEmission", "DriftFormat", "DriftRuntime", "DriftSpiking"]),
    host("DriftSpiking", ["DriftGraph", "DriftEmission", "DriftFormat", "CHDF5"]),
    host("DriftEmission", ["DriftFormat"]),
    host("DriftEvaluation", ["DriftGraph", "DriftReference", "DriftRuntime", "DriftFormat", "CDriftPlatform", "CArmadillo"]),
    host("DriftInspection", ["DriftGraph", "DriftImport"]),
    .executableTarget(
      name: "SpindriftCLI",
      dependencies: [
        "DriftInspection", "DriftImport", "DriftReference", "DriftCalibration", "DriftQuantization", "DriftSpiking",
        "DriftEmission",
        "DriftEvaluation", "DriftRuntime", "DriftFormat", "DriftGraph", "Spindrift", "CDriftPlatform", "CDriftKernels", "CPNG",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Times the micro-kernels: swift run -c release KernelBenchmark.
    .executableTarget(
      name: "KernelBenchmark",
      dependencies: [
        "DriftRuntime", "CDriftKernels", "CDriftPlatform", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // What tests share: the kernel check, which also runs under emulators, and a count of heap calls.
    .target(
      name: "KernelCheck", dependencies: ["CDriftKernels"], path: "Tests/KernelCheck", exclude: ["kernel_check_main.c", "build"]),
    .target(name: "AllocationProbe", path: "Tests/AllocationProbe"),
    .target(
      name: "DriftTestImages", dependencies: ["DriftFormat", "DriftEmission", "DriftSpiking"], path: "Tests/DriftTestImages"),
    .executableTarget(name: "WriteCorpus", dependencies: ["DriftTestImages"], path: "Tests/WriteCorpus"),
    tests("DriftFormatTests", ["DriftFormat", "DriftEmission", "DriftTestImages", "AllocationProbe"]),
    tests("DriftEmissionTests", ["DriftEmission", "DriftFormat", "DriftTestImages", "WriteCorpus"]),
    tests("CorpusTests", ["DriftFormat", "DriftRuntime", "DriftTestImages", "AllocationProbe"], exclude: ["Corpus"]),
    tests("CDriftPlatformTests", ["CDriftPlatform"]),
    tests("CDriftKernelsTests", ["KernelCheck", "CDriftKernels", "CDriftPlatform", "DriftRuntime"]),
    tests(
      "DriftRuntimeTests",
      [
        "DriftRuntime", "DriftFormat", "DriftEmission", "DriftSpiking", "CDriftFormat", "CDriftKernels", "CDriftPlatform",
        "AllocationProbe",
      ]),
    tests("DriftGraphTests", ["DriftGraph"]),
    tests("DriftONNXTests", ["DriftONNX"], exclude: ["Fixtures"]),
    .testTarget(
      name: "DriftImportTests", dependencies: ["DriftImport", "DriftONNX", "DriftGraph", "DriftReference", "DriftRuntime"],
      exclude: ["Fixtures"]
    ),
    tests("DriftInspectionTests", ["DriftInspection", "DriftImport", "DriftGraph"]),
    tests("DriftReferenceTests", ["DriftReference", "DriftImport", "DriftGraph", "DriftRuntime"]),
    tests("DriftSpikingTests", ["DriftSpiking", "DriftGraph", "DriftTestImages", "DriftEmission", "DriftFormat", "CHDF5"]),
    tests(
      "DriftEvaluationTests",
      ["DriftEvaluation", "CArmadillo", "DriftTestImages", "DriftEmission", "DriftFormat", "DriftRuntime", "DriftSpiking"]),
    tests("SpindriftCLITests", ["SpindriftCLI", "SpindriftRunMain", "CPNG"]),
    tests("SpindriftTests", ["Spindrift", "DriftTestImages", "CPNG"]),
    tests(
      "IntegrationTests", ["CSpindrift", "DriftFormat", "DriftTestImages", "SpindriftCLI", "CPNG"], exclude: ["Programs"]),
    tests("DriftCalibrationTests", ["DriftCalibration", "DriftRuntime"]),
    tests(
      "DriftQuantizationTests",
      [
        "DriftQuantization", "DriftCalibration", "DriftGraph", "DriftImport", "DriftReference", "DriftEmission", "DriftFormat",
        "DriftRuntime", "DriftSpiking",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
