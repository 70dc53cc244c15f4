import ArgumentParser
import Files
import TrajectoryFiles

/// A type of floating point to write weights as.
public enum WeightType: String, ExpressibleByArgument, CaseIterable, Sendable {
  case float16, bfloat16, float32, float64

  public var numberType: NumberType {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    }
  }
}

/// `--dtype`, `--max-shard-size`: how safetensors and npz are written.
public struct StateDictOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Type of the weights in safetensors or npz (default: that of the first input).",
      valueName: "type"))
  public var dtype: WeightType?

  @Option(
    help: ArgumentHelp(
      "Cut safetensors into files of at most so many bytes, with an index.", valueName: "size"))
  public var maxShardSize: MemorySize?

  public init() {}

  /// The format that the output's name asks for; nil for a weight file.
  ///
  /// - Throws: a usage error where options do not suit it.
  public func format(of output: OutputOptions) throws -> StateDictFormat? {
    let format = StateDictFormat(path: output.target.path, shardSize: maxShardSize?.bytes)
    switch format {
    case nil:
      if dtype != nil && dtype != .float32 {
        throw usageError("--dtype needs an output that ends in .safetensors or .npz")
      }
      fallthrough
    case .npz:
      if maxShardSize != nil {
        throw usageError("--max-shard-size needs an output that ends in .safetensors")
      }
      if format == .npz && dtype == .bfloat16 {
        throw usageError("--dtype bfloat16 is not for npz: NumPy has no such type")
      }
    case .safetensors: break
    }
    return format
  }

  /// What to write for these snapshots: the parameters, and the running statistics of the first file
  /// if they are wanted; carried tensors are those of the last file.
  public func contents(
    of input: SnapshotSequence, statistics: Bool, format: StateDictFormat, history: [String]?
  ) -> StateDictContents {
    let first = input.readers[0]
    var slots = Array(zip(input.layout.slots, first.storedTypes))
    if statistics, let layout = first.bufferLayout {
      slots += zip(layout.slots, first.storedBufferTypes)
    }
    return StateDictContents(
      tensors: slots.map { slot, type in
        StateDictContents.Tensor(
          name: slot.name, shape: slot.shape, type: dtype?.numberType ?? format.storable(type))
      },
      carried: input.carried, architecture: input.architecture, history: history)
  }
}
