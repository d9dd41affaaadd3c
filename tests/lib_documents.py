"""Documents as office programs write them, as small as those who read them take them for whole."""

import io
import struct
import zipfile
from email.message import EmailMessage


def pdf(text):
    """One page, one line."""
    content = b"BT /F1 24 Tf 72 700 Td (" + text.encode() + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
            + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out)))


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, text in files.items():
            writer.writestr(name, text)
    return out.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def docx(text):
    """A word is often cut into runs."""
    half = len(text) // 2
    runs = f"<w:r><w:t>{text[:half]}</w:t></w:r><w:r><w:t>{text[half:]}</w:t></w:r>"
    return archive(**{
        "[Content_Types].xml": XML + "<Types/>",
        "word/document.xml": f'{XML}<w:document xmlns:w="w"><w:body><w:p>{runs}</w:p></w:body></w:document>'})


def xlsx(text, number):
    return archive(**{
        "xl/sharedStrings.xml": f"{XML}<sst><si><t>{text}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f'{XML}<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c>'
                                    f'<c r="B1"><v>{number}</v></c></row></sheetData></worksheet>'})


def pptx(text):
    return archive(**{"ppt/slides/slide1.xml": f'{XML}<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}'
                                               "</a:t></a:r></a:p></p:sld>"})


def odt(text):
    return archive(**{
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f'{XML}<office:document-content xmlns:office="o" xmlns:text="t"><office:body>'
                       f"<office:text><text:p>{text}</text:p></office:text></office:body></office:document-content>"})


def rtf(text):
    return (r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\f0 "
            + "".join(c if ord(c) < 128 else f"\\'{c.encode('cp1251')[0]:02x}" for c in text) + r"\par}").encode()


def compound(name, content):
    """A file of OLE2 with one stream."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    content += b"\0" * (max(4096, -(-len(content) // 512) * 512) - len(content))
    sectors = [table, end, *range(3, 2 + len(content) // 512), end]
    sectors += [free] * (128 - len(sectors))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)

    def entry(title, kind, child, start, size):
        wide = title.encode("utf-16le") + b"\0\0"
        return (wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, free, free, child)
                + bytes(36) + struct.pack("<IQ", start, size))

    entries = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(content))
    return (head + b"\xff" * (512 - len(head)) + struct.pack("<128I", *sectors)
            + entries.ljust(512, b"\0") + content)


def doc(text):
    head = bytearray(1024)
    struct.pack_into("<HHHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0, 0xBF)
    struct.pack_into("<II", head, 24, 1024, 1024 + len(text))
    return compound("WordDocument", bytes(head) + text.encode("cp1252") + b"\r")


def ppt(text):
    wide = text.encode("utf-16le")
    return compound("PowerPoint Document", struct.pack("<HHI", 0, 0x0FA0, len(wide)) + wide
                    + struct.pack("<HHI", 0, 0x03EA, 0))


def xls(text):
    """BIFF8: one sheet, one label."""
    def record(kind, body):
        return struct.pack("<HH", kind, len(body)) + body
    begin = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    sheet_begin = struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6)
    strings = struct.pack("<IIHB", 1, 1, len(text), 1) + text.encode("utf-16le")
    name = struct.pack("<IHBB", 0, 0, 1, 0) + b"A"
    book = (record(0x0809, begin) + record(0x0085, name) + record(0x00FC, strings) + record(0x000A, b"")
            + record(0x0809, sheet_begin) + record(0x00FD, struct.pack("<HHHI", 0, 0, 0, 0)) + record(0x000A, b""))
    return compound("Workbook", book)


def letter(content, name, kind="application/octet-stream", subject="a document"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "you@example.org", "anna@troika.test", subject
    mail.set_content("See what is attached.\n")
    main, sub = kind.split("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes().replace(b"\n", b"\r\n")
