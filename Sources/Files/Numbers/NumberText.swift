import Glibc

extension Double {
  /// As `printf`'s %.*g writes it.
  public func significant(_ digits: Int) -> String { formatted("%.*g", digits) }

  /// With so many decimals, as `printf`'s %.*f writes it.
  public func decimals(_ digits: Int) -> String { formatted("%.*f", digits) }

  private func formatted(_ format: String, _ digits: Int) -> String {
    // printf would show the sign bit.
    if isNaN { return "nan" }
    return unsafe withVaList([Int32(digits), self]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400)
      let count = unsafe vsnprintf(&buffer, buffer.count, format, arguments)
      return String(
        decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
