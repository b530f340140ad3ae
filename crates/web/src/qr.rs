//! QR codes: receipts, invitations, second factors, slips and leaflets.

use askama::filters::Safe;

/// A QR code as SVG, dark on white in every mode: cameras need it so.
pub(crate) fn qr(text: &str, label: &str) -> Safe<String> {
    let Ok(code) = qrcode::QrCode::new(text.as_bytes()) else { return Safe(String::new()) };
    let width = code.width();
    let mut path = String::new();
    for (i, colour) in code.to_colors().into_iter().enumerate() {
        if colour == qrcode::Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", i % width + 4, i / width + 4));
        }
    }
    let side = width + 8;
    Safe(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
