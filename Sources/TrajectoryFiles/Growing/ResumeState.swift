import Files
import HDF5

/// What a run needs to go on, under `state/`: vectors [2, n] and numbers [2, k] in two slots, and
/// `current`, the slot that is whole (−1 for none). All space is reserved at creation, so that saving a
/// state changes no structure of the file.
final class ResumeState {
  /// The vectors, all of one type, and the names of the numbers.
  struct Contents {
    let type: ElementType
    let vectors: [(name: String, count: Int)]
    let scalars: [String]
  }

  private let file: HDF5File
  private let vectors: [String: HDF5Dataset]
  private let names: [String]
  private let numbers: HDF5Dataset
  private let currentSlot: HDF5Dataset
  private(set) var current: Int
  /// The number of snapshots that were saved when the current state was; 0 without a state.
  private(set) var committed = 0

  private var next: Int { current == 0 ? 1 : 0 }

  private init(
    file: HDF5File, vectors: [String: HDF5Dataset], names: [String], numbers: HDF5Dataset,
    currentSlot: HDF5Dataset, current: Int
  ) {
    self.file = file
    self.vectors = vectors
    self.names = names
    self.numbers = numbers
    self.currentSlot = currentSlot
    self.current = current
  }

  static func create(
    in file: HDF5File, _ contents: Contents, settings: String
  ) throws -> ResumeState {
    try file.createGroup("state/vectors")
    var datasets: [String: HDF5Dataset] = [:]
    for (name, count) in contents.vectors {
      datasets[name] = try file.createDataset(
        path(of: name), type: contents.type, shape: [2, count], allocateNow: true)
    }
    let numbers = try file.createDataset(
      "state/numbers", type: .float64, shape: [2, contents.scalars.count + 1], allocateNow: true)
    try numbers.write([Double](repeating: 0, count: numbers.count))
    let current = try file.createDataset(
      "state/current", type: .int64, shape: [], allocateNow: true)
    try current.write([-1] as [Int64])
    try file.setAttribute("names", of: "state/numbers", ["committed"] + contents.scalars)
    try file.setAttribute("settings", of: "state", settings)
    return ResumeState(
      file: file, vectors: datasets, names: contents.scalars, numbers: numbers,
      currentSlot: current, current: -1)
  }

  /// Opens the state of a file, all of it found by name.
  ///
  /// - Parameter check: is given the settings at creation before anything else is looked at, and throws
  ///   where they are those of another run.
  /// - Throws: what `check` throws; `FileError` of kind `wrongData` for a state that a run with these
  ///   contents does not keep.
  static func open(
    in file: HDF5File, _ contents: Contents, check: (_ settings: String) throws -> Void
  ) throws -> ResumeState {
    try check(try file.stringAttribute("settings", of: "state") ?? "")
    var vectors: [String: HDF5Dataset] = [:]
    for (name, count) in contents.vectors {
      vectors[name] = try dataset(path(of: name), in: file, contents.type, [2, count])
    }
    try file.requireMembers(contents.vectors.map(\.name), of: "state/vectors")
    let numbers = try dataset(
      "state/numbers", in: file, .float64, [2, contents.scalars.count + 1])
    let names = try file.stringsAttribute("names", of: "state/numbers") ?? []
    guard names.first == "committed", names.count == contents.scalars.count + 1,
      Set(names.dropFirst()) == Set(contents.scalars)
    else { throw numbers.problem("the run that goes on keeps other numbers") }
    let currentSlot = try dataset("state/current", in: file, .int64, [])
    let current = try currentSlot.read(Int64.self)[0]
    guard (-1...1).contains(current) else { throw currentSlot.problem("is \(current)") }
    let state = ResumeState(
      file: file, vectors: vectors, names: Array(names.dropFirst()), numbers: numbers,
      currentSlot: currentSlot, current: Int(current))
    try state.readCommitted()
    return state
  }

  private static func path(of vector: String) -> String { "state/vectors/\(vector)" }

  /// A dataset to write to in its place.
  private static func dataset(
    _ path: String, in file: HDF5File, _ type: ElementType, _ shape: [Int]
  ) throws -> HDF5Dataset {
    guard file.exists(path) else {
      throw FileError(
        .wrongData, file: file.name, object: path, "missing, but the run that goes on keeps it")
    }
    let dataset = try file.dataset(path)
    guard dataset.type == type, dataset.shape == shape, try !dataset.isCompressed() else {
      throw dataset.problem("should be \(shape) of \(type), uncompressed")
    }
    return dataset
  }

  private func readCommitted() throws {
    guard current >= 0 else { return }
    let values = try numbers.read(
      Double.self, start: [current, 0], count: [1, names.count + 1])
    guard values.allSatisfy(\.isFinite), let count = Int(exactly: values[0]), count >= 0 else {
      throw numbers.problem("damaged")
    }
    committed = count
  }

  func scalars() throws -> [String: Double] {
    guard current >= 0 else { return [:] }
    let values = try numbers.read(
      Double.self, start: [current, 1], count: [1, names.count])
    return Dictionary(zip(names, values)) { first, _ in first }
  }

  func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
    let dataset = try self.dataset(name, target.count)
    guard current >= 0 else { throw dataset.problem("no state has been saved") }
    try unsafe dataset.read(start: [current, 0], count: [1, target.count], into: target)
  }

  func write(_ name: String, from source: UnsafeBufferPointer<Float>) throws {
    let dataset = try self.dataset(name, source.count)
    try unsafe dataset.write(start: [next, 0], count: [1, source.count], from: source)
  }

  func read(_ name: String, count: Int) throws -> [Double] {
    let dataset = try self.dataset(name, count)
    guard current >= 0 else { throw dataset.problem("no state has been saved") }
    return try dataset.read(Double.self, start: [current, 0], count: [1, count])
  }

  func write(_ name: String, _ values: [Double]) throws {
    let dataset = try self.dataset(name, values.count)
    try dataset.write(values, start: [next, 0], count: [1, values.count])
  }

  func writeScalars(_ scalars: [String: Double], committed: Int) throws {
    let values = names.map { scalars[$0] ?? 0 }
    precondition(Set(scalars.keys).isSubset(of: names), "a number that was not declared")
    try numbers.write(
      [Double(committed)] + values, start: [next, 0], count: [1, values.count + 1])
  }

  func switchSlots() throws {
    try currentSlot.write([Int64(next)])
    current = next
  }

  private func dataset(_ name: String, _ count: Int) throws -> HDF5Dataset {
    guard let dataset = vectors[name] else {
      throw FileError(.wrongData, file: file.name, object: Self.path(of: name), "missing")
    }
    guard dataset.shape == [2, count] else {
      throw dataset.problem("has \(dataset.shape.last ?? 0) elements instead of \(count)")
    }
    return dataset
  }
}
