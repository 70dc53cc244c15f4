extension FileSchema {
  /// All kinds as a text: a line for each, and one for each object of it.
  public static var description: String {
    all.map(\.description).joined(separator: "\n")
  }

  private var description: String {
    var lines = [kind.rawValue + (form.map { ", \($0)" } ?? "")]
    for object in objects {
      let shape = "[\(object.axes.joined(separator: ", "))]"
      let words = object.numbers.rawValue + (object.isRequired ? "" : "; may be missing")
      lines.append(
        "  " + Self.padded(object.path, 28) + Self.padded(shape, 18) + words)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
