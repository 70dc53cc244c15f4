/// The published networks, by the names that the command line takes.
///
/// Tensor names, shapes and initialisation are those of the papers' own repositories: SWA and SWAG
/// (PreResNet, WideResNet, VGG), mode connectivity (ConvFC, LeNet-5), subspace inference (RegNet).
enum BuiltInNetwork: Equatable {
  case mlp(hidden: [Int])
  case regnet(hidden: [Int])
  case lenet5
  case convfc
  case vgg(depth: Int, batchNorm: Bool)
  case preresnet(depth: Int)
  case wideResNet(depth: Int, width: Int)

  static let names = [
    "mlp:500,500", "lenet5", "convfc", "vgg16", "vgg19", "vgg16bn", "vgg19bn", "preresnetN",
    "wrnDxK", "regnet:50,50",
  ]

  init?(_ name: String) {
    func sizes(after prefix: String) -> [Int]? {
      let list = name.dropFirst(prefix.count)
      let parts = list.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Int($0) }.filter { $0 > 0 }
      return numbers.count == parts.count && !numbers.isEmpty ? numbers : nil
    }
    switch name {
    case "lenet5": self = .lenet5
    case "convfc": self = .convfc
    case "vgg16": self = .vgg(depth: 16, batchNorm: false)
    case "vgg19": self = .vgg(depth: 19, batchNorm: false)
    case "vgg16bn": self = .vgg(depth: 16, batchNorm: true)
    case "vgg19bn": self = .vgg(depth: 19, batchNorm: true)
    case _ where name.hasPrefix("mlp:"):
      guard let hidden = sizes(after: "mlp:") else { return nil }
      self = .mlp(hidden: hidden)
    case _ where name.hasPrefix("regnet:"):
      guard let hidden = sizes(after: "regnet:") else { return nil }
      self = .regnet(hidden: hidden)
    case _ where name.hasPrefix("preresnet"):
      guard let depth = Int(name.dropFirst("preresnet".count)), (8...10_000).contains(depth) else {
        return nil
      }
      self = .preresnet(depth: depth)
    case _ where name.hasPrefix("wrn"):
      let size = name.dropFirst("wrn".count)
      let parts = size.split(separator: "x", omittingEmptySubsequences: false)
      guard parts.count == 2, let depth = Int(parts[0]), let width = Int(parts[1]),
        (10...10_000).contains(depth), (1...10_000).contains(width), (depth - 4) % 6 == 0
      else { return nil }
      self = .wideResNet(depth: depth, width: width)
    default: return nil
    }
  }

  func build(_ builder: inout LayerBuilder) throws {
    let input = builder.architecture.input
    switch self {
    case .mlp(let hidden): Self.mlp(&builder, hidden)
    case .regnet(let hidden):
      Self.regnet(&builder, hidden, head: builder.architecture.outputs == 2)
    default:
      guard input.count == 3 else {
        throw NetworkError(
          "\(builder.architecture.name) reads images [C, H, W], but an example has shape \(input)")
      }
    }
    switch self {
    case .mlp, .regnet: break
    case .lenet5: Self.leNet(&builder)
    case .convfc: Self.convFC(&builder)
    case .vgg(let depth, let batchNorm): try Self.vgg(&builder, depth, batchNorm)
    case .preresnet(let depth): try Self.preResNet(&builder, depth)
    case .wideResNet(let depth, let width): try Self.wideResNet(&builder, depth, width)
    }
  }

  /// The average over 8×8 that ends the residual networks needs 32×32 images.
  private static func requireSize32(_ b: LayerBuilder) throws {
    let input = b.architecture.input
    guard input[1] == 32, input[2] == 32 else {
      throw NetworkError(
        "\(b.architecture.name) reads 32×32 images, but an example has shape \(input)")
    }
  }

  /// `model.{0,2,4…}`: dense layers with ReLU between them.
  private static func mlp(_ b: inout LayerBuilder, _ hidden: [Int]) {
    if b.architecture.input.count > 1 { b.plain(.flatten) }
    for (i, units) in (hidden + [b.architecture.outputs]).enumerated() {
      if i > 0 {
        b.plain(.relu)
        b.dropout(b.dropoutProbability(0))
      }
      b.dense("model.\(2 * i)", units)
    }
  }

  /// `linear{i}`, and with a head the learned noise `var_split.var`: subspace inference's
  /// regression network.
  static func regnet(_ b: inout LayerBuilder, _ hidden: [Int], head: Bool) {
    if b.architecture.input.count > 1 { b.plain(.flatten) }
    for (i, units) in (hidden + [b.architecture.outputs]).enumerated() {
      if i > 0 {
        b.plain(.relu)
        b.dropout(b.dropoutProbability(0))
      }
      b.dense("linear\(i)", units)
    }
    if head { b.add(Layer("var_split", .gaussian), from: nil) }
  }

  private static func leNet(_ b: inout LayerBuilder) {
    b.convolution("conv_part.0", 20, kernel: 5, bias: true, .heFanOut)
    b.plain(.relu)
    b.maxPool(2, stride: 2)
    b.convolution("conv_part.3", 50, kernel: 5, bias: true, .heFanOut)
    b.plain(.relu)
    b.maxPool(2, stride: 2)
    b.plain(.flatten)
    b.dense("fc_part.0", 500)
    b.plain(.relu)
    b.dropout(b.dropoutProbability(0))
    b.dense("fc_part.2", b.architecture.outputs)
  }

  private static func convFC(_ b: inout LayerBuilder) {
    for (i, channels) in [32, 64, 128].enumerated() {
      b.convolution("conv_part.\(3 * i)", channels, kernel: 5, padding: 2, bias: true, .heFanOut)
      b.plain(.relu)
      b.maxPool(3, stride: 2)
    }
    b.plain(.flatten)
    for (i, units) in [1000, 1000].enumerated() {
      b.dense("fc_part.\(2 * i)", units)
      b.plain(.relu)
      b.dropout(b.dropoutProbability(0))
    }
    b.dense("fc_part.4", b.architecture.outputs)
  }

  private static func vgg(_ b: inout LayerBuilder, _ depth: Int, _ batchNorm: Bool) throws {
    try requireSize32(b)
    let convolutions = depth == 16 ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4]
    var index = 0
    for (group, channels) in [64, 128, 256, 512, 512].enumerated() {
      for _ in 0..<convolutions[group] {
        b.convolution(
          "features.\(index)", channels, kernel: 3, padding: 1, bias: true, .heFanOut)
        if batchNorm { b.batchNorm("features.\(index + 1)") }
        b.plain(.relu)
        index += batchNorm ? 3 : 2
      }
      b.maxPool(2, stride: 2)
      index += 1
    }
    b.plain(.flatten)
    for position in [1, 4] {
      b.dropout(b.dropoutProbability(0.5))
      b.dense("classifier.\(position)", 512)
      b.plain(.relu)
    }
    b.dense("classifier.6", b.architecture.outputs)
  }

  /// Basic blocks below depth 44, bottlenecks from there on; the shortcut of a block that changes
  /// the shape is a 1×1 convolution of the block's raw input. Dropout, if any, comes before every
  /// convolution but that of the image, and before the last layer.
  private static func preResNet(_ b: inout LayerBuilder, _ depth: Int) throws {
    try requireSize32(b)
    let bottleneck = depth >= 44
    guard (depth - 2) % (bottleneck ? 9 : 6) == 0 else {
      throw NetworkError(
        "preresnet\(depth): the depth must be 6n+2 below 44 (8, 14, 20, …) and 9n+2 from there on"
          + " (47, 56, …, 110, 164)")
    }
    let dropout = b.dropoutProbability(0)
    let blocks = (depth - 2) / (bottleneck ? 9 : 6)
    let expansion = bottleneck ? 4 : 1
    var x = b.convolution("conv1", 16, kernel: 3, padding: 1, bias: false, .heFanOut)
    var channels = 16
    for (stage, planes) in [16, 32, 64].enumerated() {
      for block in 0..<blocks {
        let prefix = "layer\(stage + 1).\(block)"
        let stride = stage > 0 && block == 0 ? 2 : 1
        func normalised(_ i: Int, from input: String? = nil) {
          b.batchNorm("\(prefix).bn\(i)", from: input)
          b.plain(.relu)
        }
        func convolution(_ i: Int, _ channels: Int, kernel: Int, stride: Int = 1) -> String {
          b.dropout(dropout)
          return b.convolution(
            "\(prefix).conv\(i)", channels, kernel: kernel, stride: stride, padding: kernel / 2,
            bias: false, .heFanOut)
        }
        normalised(1, from: x)
        var y: String
        if bottleneck {
          _ = convolution(1, planes, kernel: 1)
          normalised(2)
          _ = convolution(2, planes, kernel: 3, stride: stride)
          normalised(3)
          y = convolution(3, planes * 4, kernel: 1)
        } else {
          _ = convolution(1, planes, kernel: 3, stride: stride)
          normalised(2)
          y = convolution(2, planes, kernel: 3)
        }
        if stride != 1 || channels != planes * expansion {
          x = b.convolution(
            "\(prefix).downsample.0", from: b.dropout(dropout, from: x), planes * expansion,
            kernel: 1, stride: stride, bias: false, .heFanOut)
          channels = planes * expansion
        }
        y = b.plain(.add, from: [y, x])
        x = y
      }
    }
    b.batchNorm("bn")
    b.plain(.relu)
    b.plain(.globalAveragePool)
    b.plain(.flatten)
    b.dropout(dropout)
    b.dense("fc", b.architecture.outputs)
  }

  /// All convolutions have a bias, the stride is in a block's second one, PyTorch's default
  /// initialisation, and the last BatchNorm has momentum 0.9.
  private static func wideResNet(_ b: inout LayerBuilder, _ depth: Int, _ width: Int) throws {
    try requireSize32(b)
    let blocks = (depth - 4) / 6
    let dropout = b.dropoutProbability(0)
    var x = b.convolution("conv1", 16, kernel: 3, padding: 1, bias: true, .uniformFanIn)
    var channels = 16
    for (stage, base) in [16, 32, 64].enumerated() {
      let planes = base * width
      for block in 0..<blocks {
        let prefix = "layer\(stage + 1).\(block)"
        let stride = stage > 0 && block == 0 ? 2 : 1
        b.batchNorm("\(prefix).bn1", from: x)
        b.plain(.relu)
        b.convolution(
          "\(prefix).conv1", planes, kernel: 3, padding: 1, bias: true, .uniformFanIn)
        b.dropout(dropout)
        b.batchNorm("\(prefix).bn2")
        b.plain(.relu)
        let y = b.convolution(
          "\(prefix).conv2", planes, kernel: 3, stride: stride, padding: 1, bias: true,
          .uniformFanIn)
        if stride != 1 || channels != planes {
          x = b.convolution(
            "\(prefix).shortcut.0", from: x, planes, kernel: 1, stride: stride, bias: true,
            .uniformFanIn)
          channels = planes
        }
        x = b.plain(.add, from: [y, x])
      }
    }
    b.batchNorm("bn1", momentum: 0.9)
    b.plain(.relu)
    b.plain(.globalAveragePool)
    b.plain(.flatten)
    b.dense("linear", b.architecture.outputs)
  }
}
