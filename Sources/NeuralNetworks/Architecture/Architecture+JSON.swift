#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Architecture {
  /// Reads the JSON of a weight file's `architecture` attribute or of a user's file.
  ///
  /// Throws `NetworkError` that says where the text departs from an architecture.
  public init(json: String) throws {
    do {
      self = try JSONDecoder().decode(Architecture.self, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw NetworkError(Self.explain(error, json))
    } catch {
      throw NetworkError("not an architecture in JSON: \(error)")
    }
  }

  /// The JSON of this architecture, keys in a fixed order. `pretty` breaks lines for reading.
  public func json(pretty: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = pretty ? [.prettyPrinted, .sortedKeys] : [.sortedKeys]
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Whether the text is a JSON object of whatever values.
  private static func isObject(_ json: String) -> Bool {
    struct Anything: Decodable { init(from _: any Decoder) {} }
    return (try? JSONDecoder().decode([String: Anything].self, from: Data(json.utf8))) != nil
  }

  private static func explain(_ error: DecodingError, _ json: String) -> String {
    func place(_ path: [any CodingKey]) -> String {
      let steps = path.map { $0.intValue.map(String.init) ?? $0.stringValue }
      return steps.isEmpty ? "at the top" : "at " + steps.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "architecture: \"\(key.stringValue)\" is missing \(place(context.codingPath))"
    case .typeMismatch(let type, let context):
      return "architecture: expected \(type) \(place(context.codingPath))"
    case .valueNotFound(let type, let context):
      return "architecture: expected \(type) \(place(context.codingPath)), found null"
    case .dataCorrupted(let context):
      let last = context.codingPath.last?.stringValue
      if last == Layer.CodingKeys.type.stringValue {
        let kinds = Layer.Kind.all.map { $0.kind.rawValue }.joined(separator: ", ")
        return "architecture: unknown word \(place(context.codingPath)); layer types are \(kinds)"
      }
      // The decoder calls both wrong text and wrong numbers so.
      if context.codingPath.isEmpty, context.debugDescription.contains("not valid JSON"),
        isObject(json)
      {
        return
          "architecture: a number in the JSON is no whole number where one is expected, or is too"
          + " large"
      }
      let words = context.debugDescription.split(separator: "\n").first ?? ""
      return "architecture: \(place(context.codingPath)): \(words)"
    @unknown default:
      return "architecture: not readable"
    }
  }
}
