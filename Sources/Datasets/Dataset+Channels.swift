import Files

// Images whose channels are the last axis, as TensorFlow and Pillow have them.
extension Dataset {
  /// Whether examples of that shape look like images [H, W, C]: 1, 3 or 4 of the last axis, and not of
  /// the first.
  public static func looksChannelsLast(_ shape: [Int]) -> Bool {
    let counts = [1, 3, 4]
    return shape.count == 3 && counts.contains(shape[2]) && !counts.contains(shape[0])
      && shape[1] > shape[2]
  }

  public var looksChannelsLast: Bool { Self.looksChannelsLast(inputShape) }

  /// The examples with the channels moved from the last axis to the first, [C, H, W]. Constants for
  /// each of H "channels", which nobody meant, are left out.
  ///
  /// - Throws: `FileError` where the examples are no images.
  public func movingChannelsFirst() throws -> Dataset {
    guard isImages else {
      throw FileError(
        .wrongData, file: name, object: "inputs",
        "examples of shape \(inputShape) have no channels to move: they need three axes")
    }
    let (area, channels) = (inputShape[0] * inputShape[1], inputShape[2])
    let moved: Inputs =
      switch inputs {
      case .bytes(let bytes): .bytes(Self.moving(bytes, area: area, channels: channels, zero: 0))
      case .floats(let floats):
        .floats(Self.moving(floats, area: area, channels: channels, zero: 0))
      }
    var result = replacing(inputs: moved, shape: [channels, inputShape[0], inputShape[1]])
    if ![0, 1, channels].contains(max(inputMean.count, inputStd.count)) {
      (result.inputMean, result.inputStd) = ([], [])
    }
    return result
  }

  private static func moving<Element>(
    _ elements: [Element], area: Int, channels: Int, zero: Element
  ) -> [Element] {
    var result = [Element](repeating: zero, count: elements.count)
    let size = area * channels
    for first in stride(from: 0, to: elements.count, by: max(size, 1)) {
      for channel in 0..<channels {
        for i in 0..<area {
          result[first + channel * area + i] = elements[first + i * channels + channel]
        }
      }
    }
    return result
  }

  /// What to say of examples that look like images [H, W, C]; nil where they do not.
  ///
  /// - Parameter command: in front of the option that moves the channels.
  public func channelsRemark(command: String = "") -> String? {
    Self.channelsHint(inputShape, command: command).map { "examples of shape \(inputShape) \($0)" }
  }

  /// The clause for examples of that shape.
  public static func channelsHint(_ shape: [Int], command: String = "nn-data select ") -> String? {
    guard looksChannelsLast(shape) else { return nil }
    return
      "look like images with channels last; \(command)--channels-last makes"
      + " \([shape[2], shape[0], shape[1]]) of them"
  }
}
