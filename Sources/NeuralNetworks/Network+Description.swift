extension Network {
  /// The architecture as JSON with every layer written out, as `--print-architecture` shows it and
  /// a user's own file can start from.
  public func describe() throws -> String {
    var expanded = architecture
    expanded.layers = try architecture.expandedLayers()
    return expanded.json(pretty: true)
  }
}
