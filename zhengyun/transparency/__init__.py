"""The transparency log (透明日志): changes, approvals, verifications, agreements, drills; tampering is seen."""
