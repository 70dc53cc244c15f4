/// Names of outputs that promise a format which is not written under them.
public enum ForeignName {
  /// What the suite writes, but not as HDF5.
  private static let own = [".safetensors", ".npz"]
  /// What only `torch.load` reads.
  private static let torch = [".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle"]
  private static let others = [
    ".npy", ".json", ".jsonl", ".csv", ".tsv", ".txt", ".log", ".md", ".yaml", ".yml", ".toml",
    ".xml",
    ".html", ".parquet", ".arrow", ".feather", ".onnx", ".tflite", ".pb", ".keras", ".gguf",
    ".msgpack",
    ".tfrecord", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".png", ".jpg", ".jpeg",
    ".svg",
    ".pdf",
  ]

  /// The name's end where it promises something else than HDF5; nil where it does not.
  public static func suffix(of name: String) -> String? {
    let name = name.lowercased()
    return (own + torch + others).first(where: name.hasSuffix)
  }

  /// What to do instead, to stand behind a message; empty where there is nothing to say.
  public static func advice(on suffix: String) -> String {
    if own.contains(suffix) { return ", or convert it with nn-convert" }
    if torch.contains(suffix) {
      return ": pickles are not written; .safetensors is what PyTorch loads with"
        + " safetensors.torch.load_file"
    }
    return ""
  }
}
