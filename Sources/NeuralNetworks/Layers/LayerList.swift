extension Layer.Kind {
  /// All types of layers: a new one has a file of its own and a line here.
  static let all: [any LayerType.Type] = [
    Convolution.self,
    Dense.self,
    BatchNorm.self,
    ReLU.self,
    Tanh.self,
    Sigmoid.self,
    MaxPool.self,
    AveragePool.self,
    GlobalAveragePool.self,
    Flatten.self,
    Add.self,
    Concat.self,
    Dropout.self,
    GaussianHead.self,
  ]
}

extension Layer {
  /// A type of layer by its word in the JSON; each is declared in its file.
  public struct Kind: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String

    /// nil for a word that no type of layer has.
    public init?(rawValue: String) {
      guard Self.byWord[rawValue] != nil else { return nil }
      self.rawValue = rawValue
    }

    /// For the declaration of a type's own word.
    init(word: String) { rawValue = word }

    var type: any LayerType.Type { Self.byWord[rawValue]! }

    private static let byWord: [String: any LayerType.Type] = Dictionary(
      uniqueKeysWithValues: all.map { ($0.kind.rawValue, $0) })
  }
}
