"""The certificate service and the place of the web server's certificate."""

from __future__ import annotations

from fleetd_emulators.servers.documents.layout import ROOT
from fleetd_emulators.servers.documents.tree import Names, Tree


def certificates(tree: Tree, names: Names) -> None:
    """Add them, where this BMC has them."""
    layout = names.layout
    if not layout.certificates:
        return
    service = f"{ROOT}/CertificateService"
    collection = f"{layout.manager_path}/NetworkProtocol/HTTPS/Certificates"
    tree.add(
        service,
        "CertificateService.v1_0_4",
        "Certificate Service",
        CertificateLocations=tree.link(f"{service}/CertificateLocations"),
        Actions={
            f"#CertificateService.{verb}": {
                "target": layout.href(f"{service}/Actions/CertificateService.{verb}")
            }
            for verb in ("GenerateCSR", "ReplaceCertificate")
        },
    )
    tree.add(
        f"{service}/CertificateLocations",
        "CertificateLocations.v1_0_3",
        "Certificate Locations",
        Links={"Certificates": tree.links([f"{collection}/1"])},
    )
    tree.collect(collection, "Certificate", "HTTPS Certificates", [f"{collection}/1"])
    tree.add(f"{collection}/1", "Certificate.v1_7_0", "HTTPS Certificate")
    tree.documents[ROOT]["CertificateService"] = tree.link(service)
    protocol = tree.documents[f"{layout.manager_path}/NetworkProtocol"]
    protocol["HTTPS"] = {**protocol["HTTPS"], "Certificates": tree.link(collection)}
