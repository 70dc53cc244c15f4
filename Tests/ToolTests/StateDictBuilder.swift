import Foundation

/// A safetensors file put together, and taken apart, by hand.
struct StateDictBuilder {
  private var header: [String] = []
  private var data = Data()

  init(metadata: String? = nil) {
    if let metadata { header.append("\"__metadata__\": \(metadata)") }
  }

  mutating func add<T>(_ name: String, _ type: String, _ shape: [Int], _ numbers: [T]) {
    let bytes = numbers.withUnsafeBytes { Data($0) }
    header.append(
      "\"\(name)\": {\"dtype\": \"\(type)\", \"shape\": \(shape), "
        + "\"data_offsets\": [\(data.count), \(data.count + bytes.count)]}")
    data += bytes
  }

  var bytes: Data {
    let text = "{" + header.joined(separator: ",") + "}"
    return withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) } + Data(text.utf8)
      + data
  }

  /// A tensor of a file: its type, its shape and its bytes.
  struct Tensor: Equatable {
    let type: String
    let shape: [Int]
    let bytes: Data

    /// The bytes as numbers.
    func numbers<T: BitwiseCopyable>(_: T.Type = T.self) -> [T] {
      bytes.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: MemoryLayout<T>.size).map {
          raw.loadUnaligned(fromByteOffset: $0, as: T.self)
        }
      }
    }
  }

  /// The tensors and texts of a file.
  static func parse(_ file: Data) -> (tensors: [String: Tensor], metadata: [String: String])? {
    guard file.count >= 8 else { return nil }
    let length = file.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
    let object = try? JSONSerialization.jsonObject(with: file[8..<(8 + length)])
    guard var entries = object as? [String: Any] else { return nil }
    let metadata = entries.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
    var tensors: [String: Tensor] = [:]
    for (name, entry) in entries {
      guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int]
      else { return nil }
      tensors[name] = Tensor(
        type: type, shape: shape,
        bytes: Data(file[(8 + length + offsets[0])..<(8 + length + offsets[1])]))
    }
    return (tensors, metadata)
  }
}
