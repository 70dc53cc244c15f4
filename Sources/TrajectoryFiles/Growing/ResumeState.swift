import Files
import HDF5

/// What a run needs to go on, under `state/`: vectors [2, n] of Float or Double and numbers [2, k] in
/// two slots, and `current`, the slot that is whole (−1 for none). All space is reserved at creation,
/// so that saving a state changes no structure of the file.
final class ResumeState {
  private let file: HDF5File
  private let vectors: [String: HDF5Dataset]
  private let names: [String]
  private let numbers: HDF5Dataset
  private let currentSlot: HDF5Dataset
  let settings: String
  private(set) var current: Int
  /// The number of snapshots that were saved when the current state was; 0 without a state.
  private(set) var committed = 0

  private var next: Int { current == 0 ? 1 : 0 }

  private init(
    file: HDF5File, vectors: [String: HDF5Dataset], names: [String], numbers: HDF5Dataset,
    currentSlot: HDF5Dataset, settings: String, current: Int
  ) {
    self.file = file
    self.vectors = vectors
    self.names = names
    self.numbers = numbers
    self.currentSlot = currentSlot
    self.settings = settings
    self.current = current
  }

  static func create(
    in file: HDF5File, vectors: [(name: String, count: Int)],
    doubles: [(name: String, count: Int)] = [], scalars: [String], settings: String
  ) throws -> ResumeState {
    try file.createGroup("state/vectors")
    var datasets: [String: HDF5Dataset] = [:]
    for (name, count) in vectors {
      datasets[name] = try file.createDataset(
        "state/vectors/\(name)", type: .float32, shape: [2, count], allocateNow: true)
    }
    for (name, count) in doubles {
      datasets[name] = try file.createDataset(
        "state/vectors/\(name)", type: .float64, shape: [2, count], allocateNow: true)
    }
    let numbers = try file.createDataset(
      "state/numbers", type: .float64, shape: [2, scalars.count + 1], allocateNow: true)
    try numbers.write([Double](repeating: 0, count: numbers.count))
    let current = try file.createDataset(
      "state/current", type: .int64, shape: [], allocateNow: true)
    try current.write([-1] as [Int64])
    try file.setAttribute("names", of: "state/numbers", ["committed"] + scalars)
    try file.setAttribute("settings", of: "state", settings)
    return ResumeState(
      file: file, vectors: datasets, names: scalars, numbers: numbers, currentSlot: current,
      settings: settings, current: -1)
  }

  static func open(in file: HDF5File) throws -> ResumeState {
    var datasets: [String: HDF5Dataset] = [:]
    for child in try file.children(of: "state/vectors") {
      datasets[child.name] = try file.dataset("state/vectors/\(child.name)")
    }
    let numbers = try file.dataset("state/numbers")
    let currentSlot = try file.dataset("state/current")
    let names = try file.stringsAttribute("names", of: "state/numbers") ?? []
    guard let current = try currentSlot.read(Int64.self).first, (-1...1).contains(current),
      numbers.shape == [2, names.count], names.first == "committed"
    else { throw FileError(.wrongData, file: file.name, object: "state", "damaged") }
    let state = ResumeState(
      file: file, vectors: datasets, names: Array(names.dropFirst()), numbers: numbers,
      currentSlot: currentSlot,
      settings: try file.stringAttribute("settings", of: "state") ?? "", current: Int(current))
    if current >= 0 {
      let values = try numbers.read(
        Double.self, start: [state.current, 0], count: [1, names.count])
      guard values.allSatisfy(\.isFinite), let committed = Int(exactly: values[0]), committed >= 0
      else {
        throw FileError(.wrongData, file: file.name, object: "state/numbers", "damaged")
      }
      state.committed = committed
    }
    return state
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
    let path = "state/vectors/\(name)"
    guard let dataset = vectors[name] else {
      throw FileError(.wrongData, file: file.name, object: path, "missing")
    }
    guard dataset.shape == [2, count] else {
      throw dataset.problem("has \(dataset.shape.last ?? 0) elements instead of \(count)")
    }
    return dataset
  }
}
