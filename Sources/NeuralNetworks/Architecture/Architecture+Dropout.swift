extension Architecture {
  /// The same network, with the same parameters, whose dropout layers drop nothing: what a likelihood
  /// that must be a function of the weights alone needs of a network in training mode.
  public var withoutDropout: Architecture {
    var architecture = self
    architecture.dropout = 0
    architecture.layers = layers?.map { layer in
      var layer = layer
      if layer.type == .dropout { layer.probability = 0 }
      return layer
    }
    return architecture
  }
}
