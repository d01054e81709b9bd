import Cryptography
import Testing

@Suite("Hexadecimal")
struct HexadecimalTests {
    @Test("All bytes come back, in either case")
    func roundTrip() {
        let all = Array(UInt8.min...UInt8.max)
        #expect([UInt8](hexadecimal: all.hexadecimal) == all)
        #expect([UInt8](hexadecimal: all.hexadecimal.uppercased()) == all)
        #expect([0x00, 0x0f, 0xa9].hexadecimal == "000fa9")
    }

    @Test("What is not pairs of digits is refused", arguments: ["0", "0g", " 00", "0x00", "00 ", "é0", "٠٠"])
    func malformed(text: String) { #expect([UInt8](hexadecimal: text) == nil) }
}
