/// A model as data: what stands as JSON in every weight file and rebuilds the network.
///
/// Built-in networks are stored by name, input shape and outputs; a user's own architecture also
/// carries its `layers`.
public struct Architecture: Sendable, Equatable, Codable {
  /// A built-in name such as `preresnet20` or `mlp:500,500`, or the user's own.
  public var name: String
  /// [C, H, W] of an image or [features].
  public var input: [Int]
  /// Entries of the output: classes, or the numbers that describe a regression's prediction.
  public var outputs: Int
  /// Probability of the dropout layers, where the built-in network has any and another value than
  /// the published one is wanted.
  public var dropout: Double?
  /// The layers of a user's own architecture, in an order in which inputs come first.
  public var layers: [Layer]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, input, outputs, dropout, layers
  }

  public init(
    name: String, input: [Int], outputs: Int, dropout: Double? = nil, layers: [Layer]? = nil
  ) {
    self.name = name
    self.input = input
    self.outputs = outputs
    self.dropout = dropout
    self.layers = layers
  }

  /// A built-in network by its name, made for a loss: `regnet` ends in a Gaussian head where it is to
  /// predict variances, and nowhere else. By its name alone it has one where it has two outputs, so
  /// that all others are written out layer by layer.
  public init(
    name: String, input: [Int], outputs: Int, dropout: Double? = nil, predictingVariance: Bool
  ) {
    self.init(name: name, input: input, outputs: outputs, dropout: dropout)
    guard case .regnet(let hidden)? = BuiltInNetwork(name), predictingVariance != (outputs == 2)
    else { return }
    var builder = LayerBuilder(architecture: self)
    BuiltInNetwork.regnet(&builder, hidden, head: predictingVariance)
    layers = builder.layers
  }

  /// All layers, those of a built-in network included.
  ///
  /// Throws `NetworkError` for an unknown name, and where the input does not suit the network.
  public func expandedLayers() throws -> [Layer] {
    if let layers { return layers }
    guard let network = BuiltInNetwork(name) else {
      throw NetworkError(
        "no network is called \"\(name)\"; known are \(BuiltInNetwork.names.joined(separator: ", "))"
          + " with sizes of yours, or the path of a .json file")
    }
    var builder = LayerBuilder(architecture: self)
    try network.build(&builder)
    return builder.layers
  }
}
