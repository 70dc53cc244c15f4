/// A folder of Hugging Face: what an operand that is one stands for.
public enum WeightFolder {
  /// Files that hold a model's weights, the first that is there.
  public static let files = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
  ]

  /// Whether a file of that name may be one of those that an index, such as
  /// `model.safetensors.index.json`, leads to.
  static func isShard(_ name: String, ofIndex index: String) -> Bool {
    let end = ".safetensors"
    guard index.hasSuffix(end + ".index.json") else { return false }
    return name.hasPrefix(index.dropLast(end.count + 11) + "-") && name.hasSuffix(end)
  }
}
