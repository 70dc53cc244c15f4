// swift-tools-version: 6.2
import Foundation
import PackageDescription

let strict: [SwiftSetting] = [.strictMemorySafety()]

/// A module's page, which is no source.
func page(of name: String) -> [String] {
  let file = "\(Context.packageDirectory)/Sources/\(name)/README.md"
  return FileManager.default.fileExists(atPath: file) ? ["README.md"] : []
}

/// A library module of the suite.
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: page(of: name), swiftSettings: strict)
}

/// A command-line tool: one folder, one command.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "Machine", "ToolSupport",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ] + dependencies,
    swiftSettings: strict)
}

func tests(
  _ module: String, _ dependencies: [Target.Dependency] = [], goldens: Bool = false
) -> Target {
  .testTarget(
    name: module + "Tests", dependencies: [.target(name: module), "TestSupport"] + dependencies,
    exclude: goldens ? ["Goldens"] : [])
}

/// What libFuzzer drives. It has no `main` but the fuzzer's, so that it is there when it is asked for.
let fuzz: [Target] =
  Context.environment["WEIGHTSPACE_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Datasets", "Files", "Images", "Inspection", "NeuralNetworks", "TrajectoryFiles",
        "WeightSpace",
      ],
      path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: strict)
  ]

let package = Package(
  name: "weightspace",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // MARK: C
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CKernels"),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),
    .target(
      name: "CImages", linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png")]),

    // MARK: Libraries
    library("Files", ["CKernels", "CZlib"]),
    library("HDF5", ["CHDF5", "Files"]),
    library("Machine", ["CKernels"]),
    library("WeightSpace", ["CKernels", "Machine"]),
    library("Objectives", ["WeightSpace"]),
    library("Randomness", ["CKernels"]),
    library("TrajectoryFiles", ["CCrypto", "CZlib", "Files", "HDF5", "WeightSpace"]),
    library("Inspection", ["Files", "HDF5", "TrajectoryFiles"]),
    library(
      "NeuralNetworks", ["COneDNN", "Machine", "Objectives", "Randomness", "WeightSpace"]),
    library("Optimizers", ["Objectives", "Randomness", "WeightSpace"]),
    library("Images", ["CImages"]),
    library(
      "Datasets",
      ["CZlib", "Files", "HDF5", "Images", "Machine", "Randomness", "WeightSpace"]),
    library(
      "Posteriors", ["CKernels", "CLAPACK", "Machine", "Objectives", "Randomness", "WeightSpace"]),
    library("Calibration", []),
    library("Prediction", ["Datasets", "NeuralNetworks", "Objectives", "WeightSpace"]),
    library(
      "Bridge",
      ["CKernels", "Files", "NeuralNetworks", "Prediction", "TrajectoryFiles", "WeightSpace"]),
    library(
      "Training",
      ["Datasets", "NeuralNetworks", "Objectives", "Optimizers", "Prediction", "WeightSpace"]),
    library(
      "ToolSupport",
      [
        "CKernels", "Files", "HDF5", "Machine", "TrajectoryFiles", "WeightSpace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    library(
      "CalibrationTables",
      [
        "Calibration", "Files", "HDF5", "Randomness", "TrajectoryFiles", "WeightSpace",
      ]),
    library(
      "NetworkSupport",
      [
        "Bridge", "Datasets", "Files", "HDF5", "Machine", "NeuralNetworks", "Objectives",
        "Optimizers", "Prediction", "ToolSupport", "Training", "TrajectoryFiles", "WeightSpace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: Tools
    tool("nn-data", ["Datasets", "Files"]),
    tool("nn-convert", ["Files", "TrajectoryFiles", "WeightSpace"]),
    tool(
      "nn-train",
      [
        "Datasets", "Files", "HDF5", "NetworkSupport", "NeuralNetworks", "Prediction", "Training",
        "TrajectoryFiles", "WeightSpace",
      ]),
    tool(
      "nn-eval",
      [
        "Bridge", "Datasets", "Files", "NetworkSupport", "NeuralNetworks", "Prediction",
        "TrajectoryFiles",
        "WeightSpace",
      ]),
    tool(
      "nn-predict",
      [
        "Bridge", "Datasets", "Files", "HDF5", "NetworkSupport", "NeuralNetworks", "Prediction",
        "TrajectoryFiles",
      ]),
    tool(
      "bn-update",
      [
        "Bridge", "Datasets", "Files", "NetworkSupport", "NeuralNetworks", "Prediction",
        "TrajectoryFiles",
        "WeightSpace",
      ]
    ),
    tool("swa-avg", ["TrajectoryFiles", "WeightSpace"]),
    tool("swag-fit", ["Files", "HDF5", "Posteriors", "TrajectoryFiles"]),
    tool("swag-sample", ["Files", "HDF5", "Posteriors", "TrajectoryFiles"]),
    tool(
      "curve-fit",
      [
        "Datasets", "Files", "HDF5", "NetworkSupport", "NeuralNetworks", "Objectives", "Posteriors",
        "Prediction", "Training", "TrajectoryFiles", "WeightSpace",
      ]),
    tool("curve-sample", ["Files", "Posteriors", "TrajectoryFiles", "WeightSpace"]),
    tool("plane-sample", ["Files", "Posteriors", "TrajectoryFiles", "WeightSpace"]),
    tool("subspace-pca", ["Files", "HDF5", "Posteriors", "TrajectoryFiles", "WeightSpace"]),
    tool(
      "subspace-sample",
      [
        "Datasets", "Files", "HDF5", "NetworkSupport", "NeuralNetworks", "Objectives", "Optimizers",
        "Posteriors", "Prediction", "TrajectoryFiles", "WeightSpace",
      ]),
    tool("calib-eval", ["Calibration", "CalibrationTables", "Files"]),
    tool("weights-check", ["Files", "Inspection", "TrajectoryFiles"]),

    // MARK: Benchmarks
    .executableTarget(
      name: "network-benchmark",
      dependencies: [
        "NeuralNetworks", "Objectives", "Optimizers", "WeightSpace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: Attacks
    .executableTarget(
      name: "torture",
      dependencies: [
        "HDF5", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Torture", swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "TestSupport", dependencies: ["Objectives", "WeightSpace"], path: "Tests/TestSupport"),
    tests("Files"),
    tests("Machine"),
    tests("ToolSupport", ["Files"]),
    tests("CalibrationTables", ["Files", "HDF5"]),
    tests("HDF5", ["CHDF5", "Files"]),
    tests("WeightSpace"),
    tests("Randomness", ["Files"]),
    tests("TrajectoryFiles", ["Files"], goldens: true),
    tests("Inspection", ["HDF5", "TrajectoryFiles"]),
    tests("NeuralNetworks", ["Objectives", "Randomness", "WeightSpace"], goldens: true),
    tests("Objectives", ["WeightSpace"]),
    tests("Optimizers", ["Objectives", "WeightSpace"]),
    tests(
      "Posteriors",
      ["NeuralNetworks", "Objectives", "Optimizers", "Randomness", "WeightSpace"]),
    tests("Datasets", ["Files", "Images"], goldens: true),
    tests("Calibration", ["Files", "Randomness"]),
    tests(
      "Prediction", ["Datasets", "NeuralNetworks", "Objectives", "Randomness", "WeightSpace"]),
    tests("Bridge", ["Files", "TrajectoryFiles", "WeightSpace"]),
    tests(
      "Training",
      ["Datasets", "NeuralNetworks", "Objectives", "Optimizers", "Randomness", "WeightSpace"]),
    tests(
      "NetworkSupport", ["Datasets", "Files", "NeuralNetworks", "TrajectoryFiles", "WeightSpace"]),
    .testTarget(
      name: "ToolTests",
      dependencies: [
        "TestSupport", "Files", "HDF5", "nn-data", "nn-convert", "nn-train", "nn-eval",
        "nn-predict",
        "bn-update",
        "swa-avg", "swag-fit", "swag-sample", "curve-fit", "curve-sample", "plane-sample",
        "subspace-pca", "subspace-sample", "calib-eval", "weights-check",
      ], exclude: ["Mutants"]),
  ] + fuzz,
  swiftLanguageModes: [.v6]
)
