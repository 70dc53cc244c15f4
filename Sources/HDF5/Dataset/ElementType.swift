import CHDF5

/// How the elements of a dataset are stored. All are little-endian when written.
public enum ElementType: Sendable, Equatable {
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64
  /// IEEE half precision, 1-5-10.
  case float16
  /// The upper half of a float32, 1-8-7. Files hold it as a custom float type, as a two-byte
  /// opaque type (h5py with ml_dtypes) or as uint16 with an attribute that says so.
  case bfloat16
  case float32, float64

  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  public var isInteger: Bool { !isFloatingPoint }

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The type to create a dataset with.
  var fileType: hid_t {
    switch self {
    case .int8: chdf5_i8le()
    case .uint8: chdf5_u8le()
    case .int16: chdf5_i16le()
    case .uint16: chdf5_u16le()
    case .int32: chdf5_i32le()
    case .uint32: chdf5_u32le()
    case .int64: chdf5_i64le()
    case .uint64: chdf5_u64le()
    case .float16: Self.half
    case .bfloat16: Self.brain
    case .float32: chdf5_f32le()
    case .float64: chdf5_f64le()
    }
  }

  private static let half = smallFloat(exponentBits: 5)
  private static let brain = smallFloat(exponentBits: 8)

  /// A two-byte little-endian float with a sign, `exponentBits` and the rest mantissa.
  private static func smallFloat(exponentBits: Int) -> hid_t {
    let type = H5Tcopy(chdf5_f32le())
    let mantissa = 15 - exponentBits
    _ = H5Tset_fields(type, 15, mantissa, exponentBits, 0, mantissa)
    _ = H5Tset_size(type, 2)
    _ = H5Tset_ebias(type, 1 << (exponentBits - 1) - 1)
    return type
  }

  /// What a stored type is to us; nil for strings, compounds and the like.
  init?(storedType type: hid_t) {
    let size = H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_INTEGER:
      let signed = H5Tget_sign(type) == H5T_SGN_2
      switch size {
      case 1: self = signed ? .int8 : .uint8
      case 2: self = signed ? .int16 : .uint16
      case 4: self = signed ? .int32 : .uint32
      case 8: self = signed ? .int64 : .uint64
      default: return nil
      }
    case H5T_FLOAT:
      switch size {
      case 2:
        var sign = 0
        var exponent = 0
        var exponentBits = 0
        var mantissa = 0
        var mantissaBits = 0
        _ = unsafe H5Tget_fields(
          type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits)
        switch (exponentBits, mantissaBits) {
        case (5, 10): self = .float16
        case (8, 7): self = .bfloat16
        default: return nil
        }
      case 4: self = .float32
      case 8: self = .float64
      default: return nil
      }
    case H5T_OPAQUE where size == 2: self = .bfloat16
    // Truth values, as h5py stores them.
    case H5T_ENUM where size == 1 && H5Tget_nmembers(type) == 2: self = .int8
    default: return nil
    }
  }
}

/// A Swift type whose arrays a dataset can be read into and written from; the library converts.
public protocol HDF5Element: BitwiseCopyable, Sendable {
  /// The library's number of this type in memory.
  static var memoryType: Int64 { get }
  /// A zero to fill new arrays with.
  static var zero: Self { get }
  /// Conversion from the small float types, which the library is not asked to read.
  init(widening value: Float)
}

extension Float: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_float() }
  public init(widening value: Float) { self = value }
}

extension Double: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_double() }
  public init(widening value: Float) { self = Double(value) }
}

extension Int8: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_int8() }
  public init(widening value: Float) { self = Int8(exactly: value.rounded(.towardZero)) ?? 0 }
}

extension UInt8: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_uint8() }
  public init(widening value: Float) { self = UInt8(exactly: value.rounded(.towardZero)) ?? 0 }
}

extension UInt16: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_uint16() }
  public init(widening value: Float) { self = UInt16(exactly: value.rounded(.towardZero)) ?? 0 }
}

extension Int32: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_int32() }
  public init(widening value: Float) { self = Int32(exactly: value.rounded(.towardZero)) ?? 0 }
}

extension Int64: HDF5Element {
  public static var memoryType: Int64 { chdf5_native_int64() }
  public init(widening value: Float) { self = Int64(exactly: value.rounded(.towardZero)) ?? 0 }
}
