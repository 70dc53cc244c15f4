// A misspelt option would otherwise silently leave its default in force.

extension Layer {
  /// Reads a layer from JSON; keys that no option is called are an error.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseUnknownKeys(CodingKeys.self)
    let c = try decoder.container(keyedBy: CodingKeys.self)
    name = try c.decode(String.self, forKey: .name)
    type = try c.decode(Kind.self, forKey: .type)
    inputs = try c.decodeIfPresent([String].self, forKey: .inputs)
    outputs = try c.decodeIfPresent(Int.self, forKey: .outputs)
    kernel = try c.decodeIfPresent(Int.self, forKey: .kernel)
    stride = try c.decodeIfPresent(Int.self, forKey: .stride)
    padding = try c.decodeIfPresent(Int.self, forKey: .padding)
    bias = try c.decodeIfPresent(Bool.self, forKey: .bias)
    initialization = try c.decodeIfPresent(Initialization.self, forKey: .initialization)
    momentum = try c.decodeIfPresent(Double.self, forKey: .momentum)
    epsilon = try c.decodeIfPresent(Double.self, forKey: .epsilon)
    probability = try c.decodeIfPresent(Double.self, forKey: .probability)
  }
}

extension Architecture {
  /// Reads an architecture from JSON; keys that it does not have are an error.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseUnknownKeys(CodingKeys.self)
    let c = try decoder.container(keyedBy: CodingKeys.self)
    name = try c.decode(String.self, forKey: .name)
    input = try c.decode([Int].self, forKey: .input)
    outputs = try c.decode(Int.self, forKey: .outputs)
    dropout = try c.decodeIfPresent(Double.self, forKey: .dropout)
    layers = try c.decodeIfPresent([Layer].self, forKey: .layers)
  }
}

extension Decoder {
  fileprivate func refuseUnknownKeys<Keys: CodingKey & CaseIterable>(_ known: Keys.Type) throws {
    let names = known.allCases.map(\.stringValue)
    let all = try container(keyedBy: AnyKey.self)
    let found = all.allKeys.map(\.stringValue).sorted()
    // PyTorch's null is another thing than a key that is missing, such as a momentum of None.
    for name in found where try all.decodeNil(forKey: AnyKey(stringValue: name)) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath,
          debugDescription: "\"\(name)\" is null; leave it out for what is usual"))
    }
    if let unknown = found.first(where: { !names.contains($0) }) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath,
          debugDescription: "\"\(unknown)\" is not one of \(names.joined(separator: ", "))"))
    }
  }
}

/// Any key at all.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
