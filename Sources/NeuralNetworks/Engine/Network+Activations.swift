extension Network {
  /// What the activations of a batch take at least, in bytes: all of them where gradients are to go
  /// back through them, otherwise those of one layer with what it reads.
  public func activationBytes(batchSize: Int, backward: Bool) -> Double {
    let sizes = nodes.map { node in
      node.type.keepsResult
        ? node.shape.reduce(4 * Double(batchSize)) { $0 * Double($1) } : 0
    }
    if backward { return sizes.dropFirst().reduce(0, +) }
    return nodes.indices.map { i in
      Set(nodes[i].inputs).reduce(sizes[i]) { $0 + sizes[$1] }
    }.max() ?? 0
  }
}
