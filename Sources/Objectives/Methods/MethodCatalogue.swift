/// The methods that one option of a command line chooses from.
public struct MethodCatalogue<Product>: Sendable {
  /// The option, such as `--optimizer`.
  public let option: String
  public let methods: [Method<Product>]

  public init(_ option: String, _ methods: [Method<Product>]) {
    self.option = option
    self.methods = methods
  }

  /// All names, as in `sgd, adamw`.
  public var names: String { methods.map(\.name).joined(separator: ", ") }

  /// Reads a method and its keys.
  ///
  /// - Throws: `MethodError`, one line that names what there is instead.
  public func parse(_ text: String) throws -> ChosenMethod<Product> {
    let (name, rest) = split(text, at: ":")
    let (short, mainValue) = split(name, at: "=")
    guard let method = methods.first(where: { $0.name == short }) else {
      throw MethodError("\(option): there is no \"\(short)\"; there are \(names)")
    }
    var pairs: [(Substring, Substring)] = []
    if let mainValue {
      guard let key = method.mainKey else {
        throw MethodError(
          "\(option): \(method.name) takes keys by name, as in \(example(of: method))")
      }
      pairs.append((key[...], mainValue))
    }
    for part in rest?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      let (key, value) = split(part, at: "=")
      guard let value else {
        throw MethodError(
          "\(option): \(method.name): \"\(part)\" is no key=value, as in \(example(of: method))")
      }
      pairs.append((key, value))
    }
    return ChosenMethod(method: method, values: try values(of: method, pairs))
  }

  private func values(
    of method: Method<Product>, _ pairs: [(Substring, Substring)]
  ) throws -> MethodValues {
    var values: [String: MethodValue] = [:]
    for (name, text) in pairs {
      guard let key = method.keys.first(where: { $0.name == name }) else {
        let keys = method.keys.map(\.name)
        throw MethodError(
          "\(option): \(method.name) has no key \"\(name)\"; "
            + (keys.isEmpty ? "it has none" : "it has \(keys.joined(separator: ", "))"))
      }
      guard values[key.name] == nil else {
        throw MethodError("\(option): \(method.name): \(key.name) is given twice")
      }
      guard let value = key.parse(String(text)) else {
        throw MethodError(
          "\(option): \(method.name): \(key.name) must be \(key.domainText), not \"\(text)\"")
      }
      values[key.name] = value
    }
    let given = Set(values.keys)
    for key in method.keys where values[key.name] == nil {
      guard let standard = key.standard else {
        throw MethodError(
          "\(option): \(method.name) needs \(key.name): \(key.help)")
      }
      values[key.name] = key.parse(standard)!
    }
    return MethodValues(values: values, given: given)
  }

  private func split(
    _ text: some StringProtocol, at mark: Character
  ) -> (Substring, Substring?) {
    let whole = Substring(text)
    guard let i = whole.firstIndex(of: mark) else { return (whole, nil) }
    return (whole[..<i], whole[whole.index(after: i)...])
  }

  private func example(of method: Method<Product>) -> String {
    let keys = method.keys.prefix(2).map { "\($0.name)=\($0.standard ?? "…")" }
    return keys.isEmpty ? method.name : method.name + ":" + keys.joined(separator: ",")
  }

  /// One line for each method and each of its keys, as `--list-methods` prints them: the spelling
  /// with all standard values, then what it does; under it the keys.
  public var listing: String {
    methods.map { method in
      let source = method.source.isEmpty ? "" : " (\(method.source))"
      let keys = method.keys.map { key in
        "    \(key.name)=\(key.standard ?? "…")  \(key.help) (\(key.domainText))\n"
      }
      return "\(option) \(method.name)\n    \(method.summary)\(source)\n" + keys.joined()
    }.joined()
  }
}
