import ArgumentParser
import Files
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Converts weights between the suite's files and those of other programs.
@main struct NnConvert: Tool {
  static let configuration = CommandConfiguration(
    commandName: "nn-convert",
    abstract: "Convert weights from and to safetensors and NumPy's npz.",
    discussion: """
      Inputs are weight files, state dicts in HDF5, safetensors (one file, or the index of a \
      sharded checkpoint), npz and PyTorch's .pt, in any mixture; their contents say which they are. The output's \
      name says what it is to be: .safetensors, .npz, or .h5 for a trajectory of all snapshots in \
      the inputs' order. Memory does not grow with the files.
      """,
    version: versionText(of: "nn-convert"))

  @Argument(
    help: ArgumentHelp(
      "Weights; run.h5[7] selects a snapshot. Standard input by default.", valueName: "file"))
  var files: [String] = []

  @Option(help: ArgumentHelp("Take this off the names that begin with it.", valueName: "text"))
  var stripPrefix: String?
  @Option(help: ArgumentHelp("Put this before every name.", valueName: "text"))
  var addPrefix: String?
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var format: StateDictOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    try checksums.check(isHDF5: format.format(of: output) == nil)
    if let addPrefix, addPrefix.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw ValidationError("--add-prefix must not hold control characters")
    }
    guard try format.format(of: output) == nil, let path = output.target.path else { return }
    guard path.hasSuffix(".h5") || path.hasSuffix(".hdf5") || path.hasPrefix("/dev/") else {
      let advice = ForeignName.suffix(of: path).map(ForeignName.advice) ?? ""
      throw ValidationError(
        "\(path): the name must end in .h5, .hdf5, .safetensors or .npz\(advice)")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: files.isEmpty ? ["-"] : files)
    let stateDict = try format.format(of: output)
    let input = try renamed(slashes: stateDict == nil)
    let history = output.history(of: input.histories)
    if planning.plan { return try planning.print(planned(input, stateDict, history)) }
    let progress = ProgressBar(
      "converting", total: input.count * input.layout.count, unit: "weights", quiet: quiet.quiet)
    let conversion = Conversion(input: input, memory: memory.memory.bytes, progress: progress)
    if let stateDict {
      guard input.count == 1 else { throw severalSnapshots(input) }
      let result = try StateDictWriter(
        to: checksums.applied(to: output.target), format: stateDict,
        contents: format.contents(
          of: input, statistics: true, format: stateDict, history: history))
      try conversion.run(into: result)
      return try result.finish()
    }
    if !quiet.quiet, let words = try input.differenceOfCarried() {
      StandardError.write("nn-convert: \(words)\n")
    }
    let columns = input.readers[0].columns.map(\.name).filter { column in
      (0..<input.count).allSatisfy { input.number(column, of: $0) != nil }
    }
    let result = try TrajectoryWriter(
      to: checksums.applied(to: output.target), layout: input.layout,
      bufferLayout: input.readers[0].bufferLayout,
      architecture: input.architecture, history: history, columns: columns,
      carried: input.carried, snapshots: input.count)
    try conversion.run(into: result)
    for t in 0..<input.count {
      try result.setColumns(columns.map { input.number($0, of: t) ?? .nan }, of: t)
    }
    try result.finish()
  }

  /// The inputs with the names that their tensors are to have.
  private func renamed(slashes: Bool) throws -> SnapshotSequence {
    let readers = try (files.isEmpty ? ["-"] : files).map {
      try TrajectoryReader($0, selection: selection.selection)
    }
    var isStripped = false
    for reader in readers {
      try reader.rename { name in
        var name = name
        if let stripPrefix, name.hasPrefix(stripPrefix) {
          name.removeFirst(stripPrefix.count)
          isStripped = true
        }
        name = (addPrefix ?? "") + name
        // HDF5 would take a name with slashes for a path.
        return slashes ? String(name.map { $0 == "/" ? "." : $0 }) : name
      }
    }
    if let stripPrefix, !isStripped {
      throw usageError("--strip-prefix: no tensor's name begins with \(stripPrefix)")
    }
    return try SnapshotSequence(readers)
  }

  private func severalSnapshots(_ input: SnapshotSequence) -> any Error {
    let name = input.readers.first { $0.snapshotCount > 1 }?.name ?? input.readers[0].name
    return usageError(
      "\(input.count) snapshots, but such a file holds one: name it, as in '\(name)[7]', or give"
        + " --last 1")
  }
}
