import Foundation
import Testing

/// Patterns of tensors' names on the command line.
@Suite struct SelectingTensorsTests {
  let place = Workplace()

  private func tensors(_ name: String) throws -> [String: StateDictBuilder.Tensor] {
    try #require(StateDictBuilder.parse(place.bytes(name)), "\(name)").tensors
  }

  private func checkpoint(_ name: String, _ t: Float) {
    var file = StateDictBuilder()
    file.add("net.fc.weight", "F32", [1, 2], [t, 2 * t])
    file.add("net.fc.seen", "F32", [1], [t])
    file.add("adam.m", "F32", [1], [t])
    place.write(name, file.bytes)
  }

  @Test func averages() throws {
    checkpoint("0.safetensors", 1)
    checkpoint("1.safetensors", 3)
    place.succeeds("swa-avg [01].safetensors -o a.safetensors")
    #expect(try tensors("a.safetensors").count == 3)
    place.succeeds(
      "swa-avg [01].safetensors --drop 'adam*' --statistics '*.seen' --rename '^net\\.=' -o b.safetensors"
    )
    let mean = try tensors("b.safetensors")
    #expect(mean.keys.sorted() == ["fc.weight"])
    #expect(mean["fc.weight"]?.numbers(Float.self) == [2, 4])
    place.succeeds(
      "nn-convert 0.safetensors --only 'net.*' --only adam.m --statistics net.fc.seen -o c.h5")
    place.succeeds("nn-convert c.h5 --drop adam.m -o d.safetensors")
    #expect(try tensors("d.safetensors").keys.sorted() == ["net.fc.seen", "net.fc.weight"])
    for command in [
      "swag-fit [01].safetensors", "subspace-pca [01].safetensors",
      "curve-sample --line [01].safetensors", "plane-sample --at 0.safetensors --filter-normalized",
    ] {
      place.succeeds("\(command) -q --drop '*.seen' --drop adam.m -o \(command.prefix(5)).h5")
    }
  }

  @Test func refusals() {
    checkpoint("0.safetensors", 1)
    place.fails(
      "swa-avg 0.safetensors --drop 'x*' -o a.safetensors", 65,
      "0.safetensors: --drop x* matches no tensor's name")
    place.fails("swa-avg 0.safetensors --rename '(=a' -o a.safetensors", 64, "--rename")
    place.fails("swa-avg 0.safetensors --rename abc -o a.safetensors", 64, "--rename")
    place.fails(
      "swa-avg 0.safetensors --rename 'adam.m=net.fc.seen' -o a.safetensors", 65,
      "would be called net.fc.seen")
  }
}
