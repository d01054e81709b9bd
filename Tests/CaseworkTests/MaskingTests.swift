import Casework
import Testing

@Suite("Masking")
struct MaskingTests {
    @Test("As standards.md section 14.4 has it")
    func standard() {
        #expect(Masking.documentNumber.masked("450326199403121234") == "4503**********1234")
        #expect(Masking.phone.masked("19900000001") == "199****0001")
        #expect(Masking.account.masked("6222020000000001234") == "***************1234")
    }

    @Test("What is too short to hide four characters is hidden whole")
    func short() {
        #expect(Masking.documentNumber.masked("E12345678") == "*********")
        #expect(Masking.phone.masked("1234567890") == "**********")
        #expect(Masking.account.masked("1234567") == "*******")
        #expect(Masking.account.masked("") == "")
    }

    @Test("At least four characters of any number are hidden, and its length is kept", arguments: 0..<30)
    func law(length: Int) {
        let number = String((0..<length).map { Character("\($0 % 10)") })
        for masking in [Masking.documentNumber, .phone, .account] {
            let masked = masking.masked(number)
            #expect(masked.count == length)
            #expect(masked.count { $0 == "*" } >= min(4, length))
        }
    }

    @Test("Every number of a person in the dictionary is masked, and nothing else of it")
    func fields() {
        let masked = FieldDictionary.standard.groups.flatMap(\.members).filter { Masking($0) != nil }.map(
            \.key)
        #expect(
            Set(masked) == [
                "childIdNo", "motherIdNo", "fatherIdNo", "headIdNo", "delegatorIdNo", "delegateIdNo",
                "preEnrolNo",
                "motherPhone", "fatherPhone", "delegatorPhone", "delegatePhone", "headPhone", "ssCardPhone",
                "mailPhone", "courierPhone", "bankAccountNo", "deductAccountNo", "ssCardNo",
                "ssCardDetailsAccount",
                "childInsuranceNo",
                "motherMarriageCertNo", "fatherMarriageCertNo",
            ])
    }
}
