import Foundation
import HDF5
import Testing

/// Processors and memory that others use too.
@Suite struct SharedMachineTests {
  let place = Workplace()

  /// oneDNN's barriers wait for every thread that was asked for.
  @Test(arguments: ["OMP_THREAD_LIMIT=1", "OMP_DYNAMIC=true", "OMP_NUM_THREADS=1"])
  func trainingEnds(setting: String) {
    place.makeDigits(train: 300, test: 10)
    let words = setting.split(separator: "=").map(String.init)
    place.succeeds(
      "timeout 120 nn-train train.h5 --model lenet5 --epochs 1 -q -o run.h5",
      environment: [words[0]: words[1]])
  }

  /// A sparse file of 8 GB under a limit of 2.
  @Test func dataLargerThanMemory() throws {
    let file = try HDF5File.create(place.file("big.h5"))
    try file.createDataset(
      "inputs", type: .float32, shape: [20_000_000, 100], chunk: [1000, 100]
    ).write([Float](repeating: 1, count: 300), start: [0, 0], count: [3, 100])
    try file.createDataset(
      "targets", type: .int32, shape: [20_000_000], chunk: [1000]
    ).write([0, 1, 0] as [Int32], start: [0], count: [3])
    try file.close()
    for command in ["nn-train big.h5 --model mlp:4 -q -o r.h5", "nn-data select big.h5 -o o.h5"] {
      place.fails(
        "ulimit -v 2000000; \(command)", 65,
        "big.h5: inputs: shape [20000000, 100] takes 7.5 GiB of memory")
    }
    // Of three rows no more is read.
    place.succeeds("ulimit -v 2000000; nn-data select big.h5 --rows :3 -o three.h5")
    #expect(try HDF5File.open(place.file("three.h5")).dataset("inputs").shape == [3, 100])
  }

  /// What nobody has asked for beforehand.
  @Test func failedAllocation() {
    place.fails(
      "ulimit -v 1000000; nn-data synth digits --count 10000000 -o d.h5", 71,
      "nn-data: out of memory: 7476 MiB more do not fit")
  }

  /// As many threads as processors: each keeps to one, unless the user says otherwise.
  @Test func threadsKeepApart() throws {
    let processors = place.succeeds("nproc").output.trimmingCharacters(in: .whitespacesAndNewlines)
    try #require(Int(processors) ?? 0 >= 1)
    place.makeDigits(train: 600, test: 10)
    func lists(_ setting: String) -> Int {
      let outcome = place.succeeds(
        """
        \(setting) nn-train train.h5 --model lenet5 --epochs 1000 -q --overwrite -o run.h5 > /dev/null &
        for i in $(seq 100); do sleep 0.1; [ -s run.h5.part ] && break; done
        cat /proc/$!/task/*/status | grep Cpus_allowed_list | sort -u | grep -c -v '[,-]' || true
        kill $!
        wait
        rm run.h5.part
        """)
      return Int(outcome.output.split(separator: "\n").first ?? "") ?? -1
    }
    if Int(processors)! > 1 { #expect(lists("env -u OMP_PROC_BIND") == Int(processors)!) }
    #expect(lists("OMP_PROC_BIND=false") <= (Int(processors)! > 1 ? 0 : 1))
  }

  @Test func activationsLargerThanMemory() throws {
    place.succeeds("nn-data synth spirals --count 100 -o d.h5")
    var layers = ""
    for k in 0..<28 {
      let input = k == 0 ? "input" : "c\(k - 1)"
      layers +=
        "{\"name\": \"c\(k)\", \"type\": \"concat\", \"inputs\": [\"\(input)\", \"\(input)\"]}, "
    }
    place.write(
      "n.json",
      """
      {"name": "doubled", "input": [2], "outputs": 2, "layers": [\(layers)
        {"name": "fc", "type": "dense", "outputs": 2}]}
      """)
    place.fails(
      "nn-train d.h5 --model n.json -q -o r.h5", 65, "for the activations of a batch of 100")
  }

  /// OpenBLAS's threads ask for their buffers for ever where these do not fit, and from 0.3.29 on the first
  /// one does at less than 200 MB, before any program begins. What can be loaded with one thread ends.
  @Test func littleAddressSpace() throws {
    place.succeeds("nn-data synth spirals --count 40 -o d.h5")
    place.succeeds("nn-train d.h5 --model mlp:4 --epochs 3 -q -o run.h5")
    let limit = try #require(
      [200_000, 300_000, 400_000].first {
        place.run("ulimit -v \($0); OPENBLAS_NUM_THREADS=1 timeout 10 subspace-pca --version")
          .status
          == 0
      })
    place.succeeds("ulimit -v \(limit); timeout 60 subspace-pca --version")
    let outcome = place.run("ulimit -v \(limit); timeout 60 subspace-pca run.h5 -q -o pca.h5")
    #expect(
      outcome.status == 0
        || outcome.status == 65 && outcome.errors.contains("decomposing a matrix of order 3 takes")
          && outcome.errors.split(separator: "\n").count == 1,
      "\(outcome)")
    place.succeeds("ulimit -v 600000; timeout 60 subspace-pca run.h5 -q -o pca.h5")
  }
}
