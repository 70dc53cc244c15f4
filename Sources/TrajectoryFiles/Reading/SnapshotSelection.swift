import Files
import Glibc

/// Which snapshots of a file are meant: from, to (exclusive), each k-th, and of those the last n; and
/// which of their tensors.
///
/// Negative indices count from the end, as in Python; ends beyond the file are cut off.
public struct SnapshotSelection: Sendable, Equatable {
  public var from: Int?
  public var to: Int?
  public var every: Int?
  public var last: Int?
  public var tensors = TensorRules()

  /// Every snapshot.
  public static let all = SnapshotSelection()

  public init(
    from: Int? = nil, to: Int? = nil, every: Int? = nil, last: Int? = nil,
    tensors: TensorRules = TensorRules()
  ) {
    self.from = from
    self.to = to
    self.every = every
    self.last = last
    self.tensors = tensors
  }

  /// The indices selected out of `count` snapshots, ascending; they may be none.
  public func indices(count: Int) -> [Int] {
    func position(_ index: Int) -> Int { min(max(index < 0 ? index + count : index, 0), count) }
    let start = position(from ?? 0)
    let end = position(to ?? count)
    let selected = Array(stride(from: start, to: max(start, end), by: max(1, every ?? 1)))
    return last.map { Array(selected.suffix(max(0, $0))) } ?? selected
  }

  /// The indices selected by `second` out of those that this selects out of `count`.
  func indices(count: Int, then second: SnapshotSelection) -> [Int] {
    let chosen = indices(count: count)
    return second.indices(count: chosen.count).map { chosen[$0] }
  }

  /// Takes an operand such as `run.h5[5:20:2]`, `run.h5[-3:]` or `run.h5[7]` apart. An operand
  /// without such an ending is a path as it stands, and so is the name of an existing file.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the brackets hold no such selection.
  public static func parse(_ operand: String) throws -> (path: String, selection: Self) {
    guard operand.hasSuffix("]"), let bracket = operand.lastIndex(of: "["),
      unsafe access(operand, F_OK) != 0
    else { return (operand, .all) }
    let path = String(operand[..<bracket])
    let inside = operand[operand.index(after: bracket)...].dropLast()
    let parts = inside.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.map { Int($0) }
    let wrong = FileError(
      .wrongData, file: path,
      "selection [\(inside)] is not of the form [from:to:every] or [index]")
    guard (1...3).contains(parts.count),
      zip(parts, numbers).allSatisfy({ $0.isEmpty || $1 != nil })
    else { throw wrong }
    if parts.count == 1 {
      guard let index = numbers[0] else { throw wrong }
      // Behind the last there is nothing, and behind the greatest index no number.
      return (path, Self(from: index, to: index == -1 || index == .max ? nil : index + 1))
    }
    let every = parts.count == 3 ? numbers[2] : nil
    if let every, every < 1 { throw wrong }
    return (path, Self(from: numbers[0], to: numbers[1], every: every))
  }
}
