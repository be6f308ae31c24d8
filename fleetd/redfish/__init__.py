"""The Redfish client: sessions, limits, retries and trust, over aiohttp, and sushy on top of it.

Every failure leaves as a ``DeviceError``; no password and no token leaves in any form. Nothing
here knows a vendor: what differs comes in as ``ConnectionTraits``.
"""
