import Files

/// The type of a storage's or a tensor's elements, by PyTorch's name.
struct StorageType: Equatable {
  /// As in "float32".
  let name: String
  /// Nil for what is not read.
  let type: NumberType?
  /// Bytes of an element.
  let size: Int

  /// A storage of bytes whose tensors say their types.
  static let untyped = StorageType(name: "untyped", type: nil, size: 1)

  private static let all: [(storage: String, dtype: String, type: NumberType?, size: Int)] = [
    ("FloatStorage", "float32", .float32, 4), ("DoubleStorage", "float64", .float64, 8),
    ("HalfStorage", "float16", .float16, 2), ("BFloat16Storage", "bfloat16", .bfloat16, 2),
    ("ByteStorage", "uint8", .uint8, 1), ("CharStorage", "int8", .int8, 1),
    ("ShortStorage", "int16", .int16, 2), ("IntStorage", "int32", .int32, 4),
    ("LongStorage", "int64", .int64, 8), ("BoolStorage", "bool", .bool, 1),
    ("ComplexFloatStorage", "complex64", .complex64, 8),
    ("ComplexDoubleStorage", "complex128", nil, 16), ("QInt8Storage", "qint8", nil, 1),
    ("QUInt8Storage", "quint8", nil, 1), ("QInt32Storage", "qint32", nil, 4),
    ("", "uint16", .uint16, 2), ("", "uint32", .uint32, 4), ("", "uint64", .uint64, 8),
    ("", "float8_e4m3fn", .float8e4m3, 1), ("", "float8_e5m2", .float8e5m2, 1),
    ("", "float8_e8m0fnu", .float8e8m0, 1), ("", "float8_e4m3fnuz", nil, 1),
    ("", "float8_e5m2fnuz", nil, 1), ("", "complex32", nil, 4),
  ]

  private init(name: String, type: NumberType?, size: Int) {
    self.name = name
    self.type = type
    self.size = size
  }

  /// The type of a class of storages, such as `torch.FloatStorage`; nil for any other name.
  init?(storage global: String) {
    let parts = global.split(separator: ".")
    guard let name = parts.last, parts.first == "torch",
      ["torch", "torch.cuda", "torch.storage"].contains(
        parts.dropLast().joined(separator: "."))
    else { return nil }
    if ["UntypedStorage", "_UntypedStorage"].contains(name) {
      self = .untyped
      return
    }
    guard let found = Self.all.first(where: { $0.storage == name }) else { return nil }
    self.init(name: found.dtype, type: found.type, size: found.size)
  }

  /// The type of that name, such as `torch.float32`.
  init?(dtype global: String) {
    guard let found = Self.all.first(where: { "torch." + $0.dtype == global }) else { return nil }
    self.init(name: found.dtype, type: found.type, size: found.size)
  }
}
