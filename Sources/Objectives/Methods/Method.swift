/// A published method that a command line names with its keys, and what is made of it.
///
/// The grammar is `name`, `name:key=value,key=value`, or for a method with one key that all depends
/// on `name=value`. A key that a method does not have cannot be given; one that is not given has its
/// standard value.
public struct Method<Product>: Sendable {
  public let name: String
  /// One line: what it does.
  public let summary: String
  /// The paper.
  public let source: String
  public let keys: [MethodKey]
  /// The key that `name=value` sets.
  public let mainKey: String?
  /// Makes it; a relation between keys that does not hold is a thrown error.
  public let make: @Sendable (MethodValues) throws -> Product

  public init(
    _ name: String, _ summary: String, source: String = "", keys: [MethodKey] = [],
    mainKey: String? = nil, make: @escaping @Sendable (MethodValues) throws -> Product
  ) {
    self.name = name
    self.summary = summary
    self.source = source
    self.keys = keys
    self.mainKey = mainKey
    self.make = make
  }
}

/// The values of all keys of a method.
public struct MethodValues: Sendable {
  let values: [String: MethodValue]
  /// The keys that were given, as opposed to standard.
  public let given: Set<String>

  /// Of a method without keys.
  public static var none: MethodValues { MethodValues(values: [:], given: []) }

  public func number(_ key: String) -> Double {
    guard case .number(let value) = values[key] else { preconditionFailure("no number \(key)") }
    return value
  }

  public func integer(_ key: String) -> Int {
    guard case .integer(let value) = values[key] else { preconditionFailure("no count \(key)") }
    return value
  }

  public func flag(_ key: String) -> Bool {
    guard case .flag(let value) = values[key] else { preconditionFailure("no switch \(key)") }
    return value
  }

  public func word(_ key: String) -> String {
    guard case .word(let value) = values[key] else { preconditionFailure("no word \(key)") }
    return value
  }
}

/// What is wrong with the text of a method, in words that begin with it.
public struct MethodError: Error, CustomStringConvertible, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// A method as it was chosen on a command line.
public struct ChosenMethod<Product>: Sendable {
  public let method: Method<Product>
  public let values: MethodValues

  public var name: String { method.name }

  /// Makes it anew.
  public func make() throws -> Product { try method.make(values) }

  /// The name and the keys whose values are not standard, in the declared order: what decides the
  /// numbers of a run.
  public var settings: String {
    let keys = method.keys.compactMap { key in
      let value = values.values[key.name]!
      let isStandard = key.standard.flatMap(key.parse) == value
      return isStandard ? nil : "\(key.name)=\(value)"
    }
    return keys.isEmpty ? name : name + ":" + keys.joined(separator: ",")
  }
}
