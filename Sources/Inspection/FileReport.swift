import Files

/// What is in a file, and what is wrong with it.
public struct FileReport: Sendable {
  /// The file's name as the user wrote it.
  public let name: String
  /// "trajectory", "state dict", "safetensors", …; nil where it cannot be told.
  public internal(set) var kind: String?
  /// How many snapshots are whole; nil where the kind has none.
  public internal(set) var snapshots: Int?
  /// How many snapshots a growing file has room for; nil where that is no more than `snapshots`.
  public internal(set) var rows: Int?
  public internal(set) var objects: [ObjectReport] = []
  /// In the order in which they were found.
  public internal(set) var problems: [Problem] = []

  /// Something wrong: the object inside the file, nil for the whole file, and what it is.
  public struct Problem: Sendable, Equatable {
    public let object: String?
    public let text: String
  }

  init(name: String) { self.name = name }

  /// Elements of all objects, unless there are too many to count.
  public var elements: Int { objects.reduce(0) { $0 &+ $1.count } }

  /// The result of a step whose failure is a problem of the file; nil where it failed.
  @discardableResult
  mutating func attempt<R>(_ object: String?, _ step: () throws -> R) -> R? {
    do {
      return try step()
    } catch {
      let error = error as? FileError
      note(error?.object ?? object, error?.problem ?? "cannot be read")
      return nil
    }
  }

  mutating func note(_ object: String?, _ text: String) {
    problems.append(Problem(object: object, text: text))
  }
}

/// A dataset or tensor.
public struct ObjectReport: Sendable {
  public let path: String
  /// The type of its elements, such as "float32".
  public let type: String
  public let shape: [Int]
  /// What its numbers are; nil where they were not read.
  public internal(set) var numbers: NumberSummary?

  /// The number of elements.
  public var count: Int {
    shape.reduce(1) { product, extent in
      product.multipliedReportingOverflow(by: extent).partialValue
    }
  }
}
