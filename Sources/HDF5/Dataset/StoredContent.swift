import CHDF5

/// What the elements of a dataset are to us.
public enum StoredContent: Equatable, Sendable {
  case numbers(ElementType)
  /// Whole numbers, or truth values, of a kind that is not read here.
  case otherIntegers
  case text
  /// What may have been meant as numbers, but cannot be read as such; in words.
  case unreadable(String)

  init(storedType type: hid_t, isNull: Bool) {
    if let number = ElementType(storedType: type) {
      self = isNull ? .unreadable("no value (its dataspace is null)") : .numbers(number)
      return
    }
    let size = H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_INTEGER, H5T_BITFIELD, H5T_ENUM: self = .otherIntegers
    case H5T_STRING: self = .text
    case H5T_FLOAT: self = .unreadable("floating-point numbers of \(8 * size) bits")
    case H5T_COMPOUND: self = .unreadable("records, as complex numbers are")
    case H5T_OPAQUE: self = .unreadable("opaque values of \(size) bytes")
    case H5T_ARRAY: self = .unreadable("arrays in each element")
    case H5T_VLEN: self = .unreadable("lists of any length")
    case H5T_REFERENCE: self = .unreadable("references")
    default: self = .unreadable("values of an unknown type")
    }
  }

  /// How numbers are stored; nil for anything else.
  var type: ElementType? {
    if case .numbers(let type) = self { type } else { nil }
  }
}
