import Files

extension FileReport {
  /// A JSON object with all that is known of the file, one line for each object and problem.
  public var json: String {
    var members = [
      "\"file\": \(jsonString(name))", "\"kind\": \(kind.map(jsonString) ?? "null")",
      "\"snapshots\": \(snapshots.map(String.init) ?? "null")",
      "\"rows\": \((rows ?? snapshots).map(String.init) ?? "null")",
    ]
    members.append("\"objects\": " + Self.list(objects.map(\.json)))
    members.append(
      "\"problems\": "
        + Self.list(
          problems.map {
            "{\"object\": \($0.object.map(jsonString) ?? "null"), \"problem\": \(jsonString($0.text))}"
          }))
    return "{" + members.joined(separator: ",\n   ") + "}"
  }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "[]" : "[\n    " + items.joined(separator: ",\n    ") + "]"
  }
}

extension ObjectReport {
  fileprivate var json: String {
    var members = [
      "\"path\": \(jsonString(path))", "\"type\": \(jsonString(type))",
      "\"shape\": [\(shape.map(String.init).joined(separator: ", "))]",
    ]
    if let numbers {
      let isEmpty = numbers.minimum > numbers.maximum
      members += [
        "\"minimum\": \(isEmpty ? "null" : "\(numbers.minimum)")",
        "\"maximum\": \(isEmpty ? "null" : "\(numbers.maximum)")",
        "\"not_finite\": \(numbers.nonFiniteCount)",
      ]
    }
    return "{" + members.joined(separator: ", ") + "}"
  }
}
