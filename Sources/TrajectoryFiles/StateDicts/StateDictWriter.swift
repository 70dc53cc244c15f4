import Files
import Glibc
import HDF5
import WeightSpace

/// Writes one snapshot as safetensors or npz. All files appear whole when it is finished; without
/// `finish()` nothing is left behind and older files stay as they were.
///
/// The places of all tensors are known at first and their space is reserved, so that columns can be
/// filled in any order and from any thread.
public final class StateDictWriter: @unchecked Sendable {
  // Sendable: what `writeColumns` uses never changes; all else is for one thread.

  /// The vector that `writeColumns` takes parts of: the tensors one after the other.
  public let layout: VectorLayout
  /// The name for messages.
  public let name: String
  private let files: [PlainOutput]
  private let places: [TensorPlace]
  private let finishing: () throws -> Void

  /// - Parameter target: standard output, or a path; with shards the path stands for names such as
  ///   `model-00001-of-00003.safetensors` and `model.safetensors.index.json` beside it.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput` where there is no room.
  public init(
    to target: OutputTarget, format: StateDictFormat, contents: StateDictContents
  ) throws {
    layout = VectorLayout(
      contents.tensors.map { ($0.name, $0.shape, TensorRole.other) })
    let plan = try Self.plan(path: target.path, format: format, contents: contents)
    let files = try plan.files.map { try PlainOutput($0.path ?? target.path, size: $0.size) }
    self.files = files
    places = Array(plan.places.prefix(contents.tensors.count))
    finishing = { try plan.finish(files) }
    name = target.path ?? "standard output"
    for (file, part) in zip(files, plan.files) {
      for (bytes, address) in part.heads { try file.write(bytes, at: address) }
    }
    for (tensor, place) in zip(contents.carried, plan.places.dropFirst(contents.tensors.count)) {
      try files[place.file].copy(tensor, to: place.address)
    }
  }

  /// The files as they will be.
  static func plan(
    path: String?, format: StateDictFormat, contents: StateDictContents
  ) throws -> StateDictPlan {
    switch format {
    case .safetensors(let shardSize):
      try safetensorsPlan(contents, path: path, shardSize: shardSize)
    case .npz: try npzPlan(contents, name: path ?? "standard output")
    }
  }

  /// Fills a range of the elements. May be called from several threads.
  ///
  /// - Throws: `FileError`: `wrongData` for a number that the tensor's type cannot hold, naming the
  ///   tensor; `inputOutput`, such as on a full disk.
  public func writeColumns(_ columns: Range<Int>, from source: Span<Double>) throws {
    precondition(source.count == columns.count, "a number for each column")
    try unsafe source.withUnsafeBufferPointer { source in
      try layout.forEachSlot(in: columns) { slot, elements, place in
        let target = places[slot]
        let bytes = UnsafeMutableRawBufferPointer.allocate(
          byteCount: elements.count * target.type.size, alignment: 64)
        defer { unsafe bytes.deallocate() }
        let part = unsafe UnsafeBufferPointer(rebasing: source[place])
        if let wrong = unsafe narrow(part, target.type, into: bytes) {
          throw unsafe tooLarge(part[wrong], slot: slot, element: elements.lowerBound + wrong)
        }
        try unsafe files[target.file].write(
          UnsafeRawBufferPointer(bytes),
          at: target.address + elements.lowerBound * target.type.size)
      }
    }
  }

  private func tooLarge(_ value: Double, slot: Int, element: Int) -> FileError {
    FileError(
      .wrongData, file: name, object: layout.slots[slot].name,
      "element \(element), \(value), is too large for \(places[slot].type.rawValue);"
        + " give a larger --dtype")
  }

  /// Completes the files and lets them appear, an index last.
  ///
  /// - Throws: `FileError` of kind `inputOutput`; `ClosedPipe`.
  public func finish() throws { try finishing() }
}

/// Where a tensor goes.
struct TensorPlace: Sendable {
  let file: Int
  let address: Int
  let type: NumberType
}

/// The files of a state dict, before any number is known.
struct StateDictPlan {
  struct File {
    /// Nil for the target itself.
    var path: String?
    var size: Int
    /// What is known at first, and where it goes.
    var heads: [(bytes: [UInt8], address: Int)]
  }

  var files: [File]
  /// For each tensor, those that are carried along last.
  var places: [TensorPlace]
  /// Writes what is known only when all numbers are, and commits the files.
  var finish: ([PlainOutput]) throws -> Void
}

/// A plain file being written, which appears when it is committed.
final class PlainOutput {
  private let output: AtomicOutput

  init(_ path: String?, size: Int) throws {
    output = try AtomicOutput(path)
    try reserveBlocks(0..<size, of: output.descriptor, size: 0, file: output.name)
  }

  /// Safe on any thread.
  func write(_ bytes: UnsafeRawBufferPointer, at address: Int) throws {
    try unsafe BlockingTransfer.write(
      bytes, to: output.descriptor, at: address, file: output.name)
  }

  func write(_ bytes: [UInt8], at address: Int) throws {
    try unsafe bytes.withUnsafeBytes { try unsafe write($0, at: address) }
  }

  /// Copies a tensor as it is.
  func copy(_ tensor: CarriedTensor, to address: Int) throws {
    try tensor.forEachPart { bytes, place in
      try write(bytes, at: address + place.lowerBound * tensor.type.size)
    }
  }

  /// The bytes written to a range.
  func read(at address: Int, into target: UnsafeMutableRawBufferPointer) throws {
    try unsafe BlockingTransfer.read(
      output.descriptor, at: address, into: target, file: output.name)
  }

  func commit() throws { try output.commit() }
}
