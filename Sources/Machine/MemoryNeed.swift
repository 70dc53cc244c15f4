/// What a piece of work keeps in memory at once, in parts that an error can name.
///
///     var need = MemoryNeed("training preresnet20")
///     need.add(8e9, "the data")
///     try need.check()
public struct MemoryNeed: Sendable {
  private let work: String
  private var parts: [(what: String, bytes: Double)] = []

  /// - Parameter work: what needs the memory, such as "reading the inputs".
  public init(_ work: String) { self.work = work }

  /// - Parameter bytes: a Double, so that no product of extents overflows.
  public mutating func add(_ bytes: Double, _ what: String) { parts.append((what, bytes)) }

  public var bytes: Double { parts.reduce(0) { $0 + $1.bytes } }

  /// Adds all parts of another need.
  public mutating func add(_ other: MemoryNeed) { parts += other.parts }

  /// "1.5 GiB for the data, 20 MiB for blocks", the largest part first.
  public var list: String {
    parts.filter { $0.bytes > 0 }.sorted { $0.bytes > $1.bytes }
      .map { "\(byteText($0.bytes)) for \($0.what)" }.joined(separator: ", ")
  }

  /// - Throws: `MemoryShortage` where it is more than `memory`.
  public func check(against memory: MachineMemory = .available) throws(MemoryShortage) {
    guard bytes > Double(memory.bytes) else { return }
    throw MemoryShortage(
      description: "\(work) takes \(byteText(bytes)) of memory (\(list)), but \(memory.words)")
  }
}

/// More memory is needed than there is.
public struct MemoryShortage: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
}
