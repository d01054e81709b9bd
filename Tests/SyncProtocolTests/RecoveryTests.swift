import Cryptography
import Testing

@testable import SyncProtocol

@Suite("The recovery sheet and the head of a journal")
struct RecoveryTests {
    @Test("A code is read as it is printed, in small letters, with spaces, with O for 0 and I or L for 1")
    func roundTrip() throws {
        let code = RecoveryCode()
        let text = code.text
        #expect(text.count == 41 && !text.contains { "ILOU".contains($0) })
        #expect(RecoveryCode().text != text)
        let variants = [
            text, text.lowercased(), text.replacing("-", with: " "), text.replacing("0", with: "o"),
            text.replacing("1", with: "l"), " \(text)\n",
        ]
        for typed in variants { #expect(try RecoveryCode(typed).text == text) }
    }

    @Test("Every single wrong character is found, and its group is named")
    func mistyped() throws {
        let text = Array(RecoveryCode().text)
        for place in text.indices where text[place] != "-" {
            for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ#" where wrong != text[place] {
                var typed = text
                typed[place] = wrong
                #expect(throws: RecoveryCode.Fault.groups([place / 6 + 1])) {
                    try RecoveryCode(String(typed))
                }
            }
        }
    }

    @Test("Two exchanged neighbours and two exchanged groups are found")
    func exchanged() throws {
        let text = Array(RecoveryCode().text)
        for place in text.indices.dropLast()
        where text[place] != text[place + 1] && text[place] != "-" && text[place + 1] != "-" {
            var typed = text
            typed.swapAt(place, place + 1)
            #expect(throws: RecoveryCode.Fault.groups([place / 6 + 1])) { try RecoveryCode(String(typed)) }
        }
        var groups = String(text).split(separator: "-")
        groups.swapAt(2, 5)
        #expect(throws: RecoveryCode.Fault.groups([3, 6])) { try RecoveryCode(groups.joined(separator: "-")) }
        #expect(throws: RecoveryCode.Fault.length(30)) { try RecoveryCode(groups.dropLast().joined()) }
    }

    @Test("A header is opened by its sheet's code and by central's key, and by nothing else")
    func header() throws {
        let (secret, central, code) = (SecretBytes(randomCount: 32), SealedBox.OpeningKey(), RecoveryCode())
        var header = RecoveryHeader(journal: SecureRandom.bytes(16))
        #expect(try RecoveryHeader(decoding: header.encoded) == header)
        header.central = RecoveryHeader.Central(secret, for: central.publicKey)
        header.sheet = RecoveryHeader.Sheet(secret, under: code)
        let read = try RecoveryHeader(decoding: header.encoded)
        #expect(read == header)
        #expect(try #require(read.central?.open(central)).equals(secret))
        #expect(read.central?.open(SealedBox.OpeningKey()) == nil)
        #expect(try #require(read.sheet?.open(RecoveryCode(code.text))).equals(secret))
        #expect(read.sheet?.open(RecoveryCode()) == nil)
        #expect(header.encoded.count < RecoveryHeader.byteCountMax)
        // Neither the key nor the code is in it.
        let bytes = header.encoded.hexadecimal
        #expect(!bytes.contains(secret.copy().hexadecimal))
    }

    @Test("A header with any byte changed, or cut anywhere, is damaged")
    func damaged() throws {
        var header = RecoveryHeader(journal: SecureRandom.bytes(16))
        header.sheet = RecoveryHeader.Sheet(salt: SecureRandom.bytes(16), sealed: SecureRandom.bytes(72))
        let file = header.encoded
        for place in file.indices {
            var wrong = file
            wrong[place] ^= 1
            #expect(throws: CBORError.self) { try RecoveryHeader(decoding: wrong) }
            #expect(throws: CBORError.self) { try RecoveryHeader(decoding: Array(file[..<place])) }
        }
        let tooLong = file + [UInt8](repeating: 0, count: RecoveryHeader.byteCountMax)
        #expect(throws: CBORError.self) { try RecoveryHeader(decoding: tooLong) }
    }
}
